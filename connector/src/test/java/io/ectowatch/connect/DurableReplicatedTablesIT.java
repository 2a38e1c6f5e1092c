package io.ectowatch.connect;

/** As {@link ReplicatedTables}, by way of the journal. */
class DurableReplicatedTablesIT extends ReplicatedTables {

    @Override
    String delivery() {
        return "durable";
    }
}
