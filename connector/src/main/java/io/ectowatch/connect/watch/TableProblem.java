package io.ectowatch.connect.watch;

import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.List;

/**
 * Why tables cannot be watched.
 *
 * @param kind what the problem is about
 * @param tables the tables, as {@code schema.table}; or the pattern that matches no table
 * @param problem the setting, what is wrong and what to do
 */
public record TableProblem(Kind kind, List<String> tables, ConfigProblem problem) {

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
}
