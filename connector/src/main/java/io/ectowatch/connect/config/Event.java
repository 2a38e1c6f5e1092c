package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** An event of a watched table. The lower-case name is used in settings, topics and records. */
public enum Event {
    INSERTED,
    UPDATED,
    DELETED,
    TRUNCATED,
    /**
     * Not a change of a row: changes may be missing (a lost connection, an overflow), so a consumer that mirrors the
     * table should read it again. Cannot be chosen in a setting; it is sent for every watcher.
     */
    RESYNC,
    /** Not a change: a row that was there already, read by a backfill. */
    READ,
    /** Not a change: a backfill has read the table to its end. */
    BACKFILLED,
    /** Not a change: a backfill has ended before the end of the table. */
    BACKFILL_STOPPED;

    /** The events that every watcher publishes, whatever it has chosen. */
    public static final Set<Event> ALWAYS = Set.of(RESYNC, READ, BACKFILLED, BACKFILL_STOPPED);

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The name used in settings, topics and records, for example {@code inserted}. */
    public String text() {
        return text;
    }

    /** True for the events that a watcher can choose: those of a change. */
    public boolean watchable() {
        return !ALWAYS.contains(this);
    }

    /** Whether the event belongs to a row, and so has a key. */
    public boolean hasRow() {
        return this == READ || this != TRUNCATED && watchable();
    }

    /** The watchable event with that name, in any case, or empty. */
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
