package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.config.Collapse;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.condition.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a watcher asks of a table beyond events and extra columns.
 *
 * @param columns an update is published only if one of these columns changed; empty for any update
 * @param when the condition for a change to be published, or null
 * @param keyColumns the columns of the record key; empty for the primary key
 * @param changedColumns whether updates carry the names of the columns that changed
 * @param skipUnchanged whether updates that change nothing are skipped
 * @param oldValues whether updates carry the previous values of the extra columns
 * @param collapse whether several changes of a row are published as one record
 */
public record WatcherFilter(
        List<Column> columns,
        @Nullable Condition when,
        List<Column> keyColumns,
        boolean changedColumns,
        boolean skipUnchanged,
        boolean oldValues,
        Collapse collapse) {

    /** No filter and no additional output. */
    public static final WatcherFilter NONE = new WatcherFilter(List.of(), null, List.of(), false, false, false);

    public WatcherFilter {
        columns = List.copyOf(columns);
        keyColumns = List.copyOf(keyColumns);
    }

    /** A watcher that publishes a record for each change. */
    public WatcherFilter(
            List<Column> columns,
            @Nullable Condition when,
            List<Column> keyColumns,
            boolean changedColumns,
            boolean skipUnchanged,
            boolean oldValues) {
        this(columns, when, keyColumns, changedColumns, skipUnchanged, oldValues, Collapse.NONE);
    }

    /** Whether some changes of that kind may be filtered out. */
    public boolean filters(Event event) {
        return when != null || event == Event.UPDATED && (!columns.isEmpty() || skipUnchanged);
    }
}
