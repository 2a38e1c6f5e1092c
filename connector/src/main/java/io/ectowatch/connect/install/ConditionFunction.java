package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.catalog.WatchedTable.TableWatcher;
import io.ectowatch.connect.postgres.SqlText;
import java.util.Map;

/**
 * The function that tells whether a change counts for one watcher of a table. It is a function of its own because a
 * condition can fail for one row (a division by zero) and must then fail neither the application's statement nor the
 * report of the other rows. It takes records: one that took rows of the table would keep the table from being dropped.
 */
final class ConditionFunction {

    static final String ARGUMENTS = "record, record";

    private static final Template CREATE = Template.load("condition.sql");
    private static final Template BODY = Template.load("condition-body.sql");

    private final ObjectNames names;
    private final WatchedTable table;
    private final TableWatcher watcher;

    ConditionFunction(ObjectNames names, WatchedTable table, TableWatcher watcher) {
        this.names = names;
        this.table = table;
        this.watcher = watcher;
    }

    String name() {
        return names.condition(table.shape().name(), watcher.name());
    }

    /** The body alone, as {@code pg_proc.prosrc} keeps it. */
    String body() {
        return BODY.fill(Map.of(
                "connector",
                TriggerFunction.oneLine(names.connector()),
                "watcher",
                TriggerFunction.oneLine(watcher.name() + " on " + table.shape().name()),
                "watcher literal",
                SqlText.literal(watcher.name() + " on " + table.shape().name()),
                "condition",
                watcher.refinement().when().text()));
    }

    /** The whole {@code CREATE OR REPLACE FUNCTION}. */
    String create() {
        return CREATE.fill(
                Map.of("function", SqlText.identifier(names.schema(), name()), "body", SqlText.dollarQuoted(body())));
    }
}
