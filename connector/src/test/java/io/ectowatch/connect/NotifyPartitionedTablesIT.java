package io.ectowatch.connect;

/** As {@link PartitionedTables}, by way of notifications. */
class NotifyPartitionedTablesIT extends PartitionedTables {

    @Override
    String delivery() {
        return "notify";
    }
}
