package io.ectowatch.connect;

/** As {@link KeyedRecords}, by way of the journal. */
class DurableKeyedRecordsIT extends KeyedRecords {

    @Override
    String delivery() {
        return "durable";
    }
}
