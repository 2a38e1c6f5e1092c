package io.ectowatch.connect;

/** As {@link FilteredChanges}, by way of notifications. */
class NotifyFilteredChangesIT extends FilteredChanges {

    @Override
    String delivery() {
        return "notify";
    }
}
