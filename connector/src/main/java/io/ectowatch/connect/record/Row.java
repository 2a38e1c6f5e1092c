package io.ectowatch.connect.record;

import io.ectowatch.connect.watch.ChangeLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a change, as its trigger wrote it.
 *
 * @param values the values of {@link ChangeLayout#carried()} in Connect's types, or only those of {@link
 *     ChangeLayout#keyFields()} if the extra columns were omitted
 * @param extrasLeftOut whether the extra columns were omitted
 * @param choice a bit for each of {@link ChangeLayout#filteredWatchers()}: whether the change is for that watcher; 0 if no
 *     watcher filters
 * @param changed the names of the columns that changed, or null if unknown
 * @param before the previous values of {@link ChangeLayout#before()}, or only those of {@link ChangeLayout#keptBefore()}
 *     if extra columns were omitted; nulls if the change is not an update
 * @param statement a number that the deletion and the insertion share as which an update of a key is published; 0 for
 *     every other change
 * @param count how many changes of the row it stands for: more than one if updates were collapsed
 */
public record Row(
        Object[] values,
        boolean extrasLeftOut,
        long choice,
        @Nullable List<String> changed,
        Object[] before,
        long statement,
        long count) {

    /** A row of a single change. */
    public Row(
            Object[] values,
            boolean extrasLeftOut,
            long choice,
            @Nullable List<String> changed,
            Object[] before,
            long statement) {
        this(values, extrasLeftOut, choice, changed, before, statement, 1);
    }
}
