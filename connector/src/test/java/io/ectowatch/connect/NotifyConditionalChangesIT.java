package io.ectowatch.connect;

/** As {@link ConditionalChanges}, by way of notifications. */
class NotifyConditionalChangesIT extends ConditionalChanges {

    @Override
    String delivery() {
        return "notify";
    }
}
