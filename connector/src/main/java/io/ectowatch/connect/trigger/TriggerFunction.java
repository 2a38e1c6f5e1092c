package io.ectowatch.connect.trigger;

import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.Map;
import java.util.Optional;

/** Generates the functions that the triggers of one table call. */
public interface TriggerFunction {

    /** The delivery mode that it is for. */
    DeliveryMode delivery();

    /**
     * A statement that announces, at the place in the order where the table's triggers start, that earlier changes
     * may have been lost; empty if the task has to announce it.
     */
    Optional<String> announcement();

    /** The body, as in {@code pg_proc.prosrc}. */
    String body(Operation operation);

    /** The whole {@code CREATE OR REPLACE FUNCTION} statement. */
    String create(Operation operation);

    /** The statement that creates a function with that body and further {@code SET} clauses. */
    static String create(ObjectNames names, WatchedTable table, Operation operation, String settings, String body) {
        return Template.load("function.sql")
                .fill(Map.of(
                        "function",
                        SqlText.identifier(
                                names.schema(), names.function(table.shape().name(), operation.text())),
                        "settings",
                        settings,
                        "body",
                        SqlText.dollarQuoted(body)));
    }

    /** A line break in a name must not end an SQL comment. */
    static String oneLine(String text) {
        return text.replaceAll("\\R", " ");
    }
}
