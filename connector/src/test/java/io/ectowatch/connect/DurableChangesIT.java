package io.ectowatch.connect;

/** As {@link Changes}, by way of the journal. */
class DurableChangesIT extends Changes {

    @Override
    String delivery() {
        return "durable";
    }
}
