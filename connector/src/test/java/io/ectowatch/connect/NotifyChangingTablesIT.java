package io.ectowatch.connect;

/** As {@link ChangingTables}, by way of notifications. */
class NotifyChangingTablesIT extends ChangingTables {

    @Override
    String delivery() {
        return "notify";
    }
}
