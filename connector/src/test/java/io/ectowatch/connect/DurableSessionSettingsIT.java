package io.ectowatch.connect;

/** As {@link SessionSettings}, by way of the journal. */
class DurableSessionSettingsIT extends SessionSettings {

    @Override
    String delivery() {
        return "durable";
    }
}
