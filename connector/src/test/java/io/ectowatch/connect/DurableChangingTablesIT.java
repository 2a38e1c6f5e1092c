package io.ectowatch.connect;

/** As {@link ChangingTables}, by way of the journal. */
class DurableChangingTablesIT extends ChangingTables {

    @Override
    String delivery() {
        return "durable";
    }
}
