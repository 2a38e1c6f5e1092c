package io.ectowatch.connect;

/** As {@link WatcherOptions}, by way of notifications. */
class NotifyWatcherOptionsIT extends WatcherOptions {

    @Override
    String delivery() {
        return "notify";
    }
}
