package io.ectowatch.connect;

/** As {@link ReplicatedTables}, by way of notifications. */
class NotifyReplicatedTablesIT extends ReplicatedTables {

    @Override
    String delivery() {
        return "notify";
    }
}
