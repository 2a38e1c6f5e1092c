package io.ectowatch.connect.config;

import io.ectowatch.connect.config.names.TablePattern;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to watch, as the user configured it.
 *
 * @param name its name in messages: the prefix of its settings, such as {@code watchers.contact}, or {@code tables}
 *     for an entry of the short form
 * @param pattern the tables it watches
 * @param events the events it publishes, in the order of {@link Event}, never empty
 * @param extraColumns the exact names of the columns it adds to its records, in its order; may be empty
 * @param label the end of its topic instead of table and event, or null
 * @param options its other options
 */
public record Watcher(
        String name,
        TablePattern pattern,
        Set<Event> events,
        List<String> extraColumns,
        @Nullable String label,
        WatcherOptions options) {

    public Watcher {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(pattern, "pattern");
        if (events.isEmpty()) {
            throw new IllegalArgumentException(name + " has no events");
        }
        events = Collections.unmodifiableSet(EnumSet.copyOf(events));
        extraColumns = List.copyOf(extraColumns);
        Objects.requireNonNull(options, "options");
    }

    /** A watcher without other options. */
    public Watcher(
            String name, TablePattern pattern, Set<Event> events, List<String> extraColumns, @Nullable String label) {
        this(name, pattern, events, extraColumns, label, WatcherOptions.NONE);
    }

    /** Whether it is an entry of {@code tables}, with defaults for all other settings. */
    public boolean shortForm() {
        return name.equals(WatchFragment.TABLES_CONFIG);
    }
}
