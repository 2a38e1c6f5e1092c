package io.ectowatch.connect;

/** As {@link SessionSettings}, by way of notifications. */
class NotifySessionSettingsIT extends SessionSettings {

    @Override
    String delivery() {
        return "notify";
    }
}
