package io.ectowatch.connect;

/** As {@link FilteredChanges}, by way of the journal. */
class DurableFilteredChangesIT extends FilteredChanges {

    @Override
    String delivery() {
        return "durable";
    }
}
