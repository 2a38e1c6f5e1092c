package io.ectowatch.connect;

/** As {@link KeyedRecords}, by way of notifications. */
class NotifyKeyedRecordsIT extends KeyedRecords {

    @Override
    String delivery() {
        return "notify";
    }
}
