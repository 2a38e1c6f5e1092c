package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.EntryShape;
import java.util.List;

/**
 * One row of a change, as its trigger sent it.
 *
 * @param values the values of {@link EntryShape#carried()} as Connect holds them, or of {@link EntryShape#kept()} alone
 *     where the extra columns had to be left out
 * @param extrasLeftOut whether they had to
 * @param choice a bit for each of {@link EntryShape#choosers()}: whether the change is for it; 0 where none are named
 * @param changed the names of the columns that changed, or null where they are not known
 * @param before the previous values of {@link EntryShape#before()}, or of {@link EntryShape#keptBefore()} alone where
 *     extra columns had to be left out; nulls where the change is no update
 * @param statement what an update that changed keys has in common with itself, for the deletion and the insertion that
 *     it is told as; 0 for every other change
 */
public record Row(
        Object[] values, boolean extrasLeftOut, long choice, List<String> changed, Object[] before, long statement) {}
