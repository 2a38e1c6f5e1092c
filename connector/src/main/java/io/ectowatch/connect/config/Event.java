package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What can be reported of a watched table. The lower-case name is the one used in settings, topics and records. */
public enum Event {
    INSERTED,
    UPDATED,
    DELETED,
    TRUNCATED,
    /**
     * Not a change of a row: continuity cannot be proven (a lost connection, an overflow), so whoever mirrors the table
     * should read it again. Never watched for; sent for every watcher when it happens.
     */
    RESYNC;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The name used in settings, topics and records, for example {@code inserted}. */
    public String text() {
        return text;
    }

    /** True for the events a watcher may ask for: all but {@link #RESYNC}. */
    public boolean watchable() {
        return this != RESYNC;
    }

    /** Whether it is a row's, and so has a key. */
    public boolean hasRow() {
        return this != TRUNCATED && this != RESYNC;
    }

    /** The watchable event of that name, in any case; empty when there is none. */
    public static Optional<Event> watchable(String text) {
        return Arrays.stream(values())
                .filter(event -> event.watchable() && event.text.equalsIgnoreCase(text))
                .findFirst();
    }

    /** The names of all watchable events, for messages: {@code inserted, updated, deleted, truncated}. */
    public static String watchableNames() {
        return Arrays.stream(values()).filter(Event::watchable).map(Event::text).collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return text;
    }
}
