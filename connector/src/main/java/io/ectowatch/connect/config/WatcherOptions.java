package io.ectowatch.connect.config;

import io.ectowatch.connect.config.condition.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A watcher's options other than its events, extra columns and label.
 *
 * @param columns an update is published only if one of these columns changed, by exact name; empty for any update
 * @param when the condition for a change to be published, or null
 * @param keyColumns the exact names of the columns of the record key; empty for the primary key
 * @param topic the topic of all of its records, or null
 * @param changedColumns whether updates list the columns that changed
 * @param skipUnchanged whether to skip updates that change nothing
 * @param oldValues whether updates contain the previous values of the extra columns
 * @param replicated whether to capture changes that replication applies
 * @param rowTriggers whether the table's triggers fire for each row, not for each statement
 * @param collapse whether several changes of a row are published as one record
 */
public record WatcherOptions(
        List<String> columns,
        @Nullable Condition when,
        List<String> keyColumns,
        @Nullable String topic,
        boolean changedColumns,
        boolean skipUnchanged,
        boolean oldValues,
        boolean replicated,
        boolean rowTriggers,
        Collapse collapse) {

    /** No options. */
    public static final WatcherOptions NONE =
            new WatcherOptions(List.of(), null, List.of(), null, false, false, false, false, false, Collapse.NONE);

    public WatcherOptions {
        columns = List.copyOf(columns);
        keyColumns = List.copyOf(keyColumns);
    }
}
