package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.postgres.SqlText;
import java.util.Map;
import java.util.Optional;

/** Writes the functions that the triggers of one table call. */
interface TriggerFunction {

    /** The way of delivery that it is for. */
    DeliveryMode delivery();

    /**
     * A statement that announces, at the place where the table's triggers begin to work, that changes before may have
     * been missed; empty when the task has to announce it.
     */
    Optional<String> announcement();

    /** The body alone, as {@code pg_proc.prosrc} keeps it. */
    String body(Operation operation);

    /** The whole {@code CREATE OR REPLACE FUNCTION}. */
    String create(Operation operation);

    /** The statement that makes a function of that body, with further {@code SET} clauses. */
    static String create(ObjectNames names, WatchedTable table, Operation operation, String settings, String body) {
        return Template.load("function.sql")
                .fill(Map.of(
                        "function",
                        SqlText.identifier(
                                names.schema(), names.function(table.shape().name(), operation)),
                        "settings",
                        settings,
                        "body",
                        SqlText.dollarQuoted(body)));
    }

    /** A name in a comment must not end it. */
    static String oneLine(String text) {
        return text.replaceAll("\\R", " ");
    }
}
