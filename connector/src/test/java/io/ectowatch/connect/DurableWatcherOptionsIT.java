package io.ectowatch.connect;

/** As {@link WatcherOptions}, by way of the journal. */
class DurableWatcherOptionsIT extends WatcherOptions {

    @Override
    String delivery() {
        return "durable";
    }
}
