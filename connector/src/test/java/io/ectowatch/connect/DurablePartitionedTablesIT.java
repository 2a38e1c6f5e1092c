package io.ectowatch.connect;

/** As {@link PartitionedTables}, by way of the journal. */
class DurablePartitionedTablesIT extends PartitionedTables {

    @Override
    String delivery() {
        return "durable";
    }
}
