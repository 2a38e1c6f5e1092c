package io.ectowatch.connect;

/** As {@link ConditionalChanges}, by way of the journal. */
class DurableConditionalChangesIT extends ConditionalChanges {

    @Override
    String delivery() {
        return "durable";
    }
}
