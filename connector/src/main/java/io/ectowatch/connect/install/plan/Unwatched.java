package io.ectowatch.connect.install.plan;

import io.ectowatch.connect.watch.AbsentTables;
import io.ectowatch.connect.watch.TableProblem;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tables that the connector has watched, that the settings still ask for, and that cannot be watched now. All names are
 * {@code schema.table}.
 *
 * @param kept tables in trouble, whose functions stay for the time when they can be watched again
 * @param missing those of them that do not exist: triggers that call their functions are on a table that was renamed
 * @param left tables that existed and that a pattern does not match any more: they were dropped, renamed, or attached as
 *     partitions
 */
public record Unwatched(Set<String> kept, Set<String> missing, Set<String> left) {

    public static final Unwatched NONE = new Unwatched(Set.of(), Set.of(), Set.of());

    public Unwatched {
        kept = Set.copyOf(kept);
        missing = Set.copyOf(missing);
        left = Set.copyOf(left);
    }

    /**
     * Compares what was watched with what can be watched now.
     *
     * @param former the tables for which the connector has functions
     * @param watched the tables that can be watched
     */
    public static Unwatched of(
            Set<String> former, AbsentTables absent, List<WatchedTable> watched, List<TableProblem> problems) {
        Set<String> kept = new HashSet<>();
        Set<String> missing = new HashSet<>();
        for (TableProblem problem : problems) {
            kept.addAll(problem.tables());
            if (problem.kind() == TableProblem.Kind.MISSING) {
                missing.addAll(problem.tables());
            }
        }
        Set<String> left = new HashSet<>(former);
        left.removeAll(kept);
        watched.forEach(table -> left.remove(table.shape().name().toString()));
        left.removeIf(table -> !absent.include(table));
        kept.retainAll(former);
        // If only some of its watchers do not fit, the table is watched without them.
        watched.forEach(table -> kept.remove(table.shape().name().toString()));
        return new Unwatched(kept, missing, left);
    }

    /** Whether a function that no watched table needs stays. */
    boolean keeps(InstalledFunction function) {
        String table = function.marker().table();
        return kept.contains(table) && (function.triggers().isEmpty() || !missing.contains(table));
    }

    /** Whether the removal of the function's triggers is announced to the consumers. */
    boolean announcesRemoval(InstalledFunction function) {
        return left.contains(function.marker().table())
                || missing.contains(function.marker().table());
    }
}
