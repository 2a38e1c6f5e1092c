package io.ectowatch.connect.config;

import java.util.List;

/**
 * What a watcher may ask for beyond its events, extra columns and label.
 *
 * @param columns the exact names of the columns one of which has to change for an update to count; empty for any update
 * @param when what has to hold for a change to count, or null
 * @param keyColumns the exact names of the columns that its records are keyed by; empty for the primary key
 * @param topic where all of its records go, or null
 * @param changedColumns whether updates tell which columns changed
 * @param skipUnchanged whether updates that change nothing do not count
 * @param oldValues whether updates carry the extra columns' previous values
 * @param replicated whether changes that replication applies count, too
 */
public record WatcherOptions(
        List<String> columns,
        Condition when,
        List<String> keyColumns,
        String topic,
        boolean changedColumns,
        boolean skipUnchanged,
        boolean oldValues,
        boolean replicated) {

    /** Asks for nothing. */
    public static final WatcherOptions NONE =
            new WatcherOptions(List.of(), null, List.of(), null, false, false, false, false);

    public WatcherOptions {
        columns = List.copyOf(columns);
        keyColumns = List.copyOf(keyColumns);
    }
}
