package io.ectowatch.connect.trigger;

import io.ectowatch.connect.config.condition.Condition;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import java.util.Map;
import java.util.Set;

/**
 * The function that says whether a change is published by one watcher of a table. It is a separate function because a
 * condition can fail for one row (a division by zero), which must fail neither the application's statement nor the
 * capture of the other rows. Its arguments are records: arguments of the table's row type would prevent the
 * application from dropping the table.
 */
public final class ConditionFunction {

    public static final String ARGUMENTS = "record, record";

    private static final FunctionTemplate TEMPLATE = FunctionTemplate.load("condition.sql");

    private final ObjectNames names;
    private final WatchedTable table;
    private final TableWatcher watcher;
    private final String condition;

    public ConditionFunction(ObjectNames names, WatchedTable table, TableWatcher watcher, Condition condition) {
        this.names = names;
        this.table = table;
        this.watcher = watcher;
        this.condition = condition.text();
    }

    public String name() {
        return names.condition(table.shape().name(), watcher.name());
    }

    public FunctionSql sql() {
        Map<String, String> places = Map.of(
                "function",
                SqlText.identifier(names.schema(), name()),
                "connector",
                TriggerFunction.oneLine(names.connector()),
                "watcher",
                TriggerFunction.oneLine(watcher.name() + " on " + table.shape().name()),
                "watcher literal",
                SqlText.literal(watcher.name() + " on " + table.shape().name()),
                "condition",
                condition);
        // The lines of another one are not indented, since they could be within a literal.
        return TEMPLATE.fill(places, condition.lines().count() > 1 ? Set.of() : Set.of("one line"));
    }
}
