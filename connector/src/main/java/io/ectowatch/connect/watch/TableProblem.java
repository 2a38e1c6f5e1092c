package io.ectowatch.connect.watch;

import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why tables cannot be watched.
 *
 * @param kind what the problem is about
 * @param tables the tables, as {@code schema.table}; or the pattern that matches no table
 * @param problem the setting, what is wrong and what to do
 * @param watcher the name of the only watcher that it concerns; null if it concerns all watchers of the tables
 */
public record TableProblem(
        Kind kind,
        List<String> tables,
        ConfigProblem problem,
        @Nullable String watcher) {

    /** What a problem is about. */
    public enum Kind {
        /** There is no such table. */
        MISSING,
        /** The table lacks something, whatever the settings of its watchers are: a primary key, a privilege. */
        STATE,
        /** The settings do not fit the table. */
        SETTINGS
    }

    public TableProblem {
        tables = List.copyOf(tables);
    }

    /** A problem of all watchers of the tables. */
    public TableProblem(Kind kind, List<String> tables, ConfigProblem problem) {
        this(kind, tables, problem, null);
    }
}
