package io.ectowatch.connect.catalog;

import io.ectowatch.connect.config.Condition;
import io.ectowatch.connect.config.Event;
import java.util.List;

/**
 * What a watcher asks of a table beyond events and extra columns.
 *
 * @param columns one of which has to change for an update to count; empty for any update
 * @param when what has to hold for a change to count, or null
 * @param keyColumns what its records are keyed by; empty for the primary key
 * @param changedColumns whether updates tell which columns changed
 * @param skipUnchanged whether updates that change nothing do not count
 * @param oldValues whether updates carry the extra columns' previous values
 */
public record Refinement(
        List<Column> columns,
        Condition when,
        List<Column> keyColumns,
        boolean changedColumns,
        boolean skipUnchanged,
        boolean oldValues) {

    /** Asks for nothing. */
    public static final Refinement NONE = new Refinement(List.of(), null, List.of(), false, false, false);

    public Refinement {
        columns = List.copyOf(columns);
        keyColumns = List.copyOf(keyColumns);
    }

    /** Whether some changes of that kind may not count. */
    public boolean filters(Event event) {
        return when != null || event == Event.UPDATED && (!columns.isEmpty() || skipUnchanged);
    }
}
