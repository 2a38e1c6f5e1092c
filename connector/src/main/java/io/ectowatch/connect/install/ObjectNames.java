package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.TableName;
import io.ectowatch.connect.postgres.SqlText;

/**
 * The names of all that one connector makes in the database. Each holds the connector's name, so that connectors can
 * live side by side, and fits PostgreSQL's 63 bytes.
 *
 * @param connector the connector's name
 * @param schema the value of {@code database.schema}
 */
public record ObjectNames(String connector, String schema) {

    /** The channel that the triggers notify and the task listens on, unquoted. */
    public String channel() {
        return SqlText.name("ectowatch", connector);
    }

    /** The sequence that numbers statements: part of each change's id, and what makes equal payloads differ. */
    String changesSequence() {
        return SqlText.name(connector, "changes");
    }

    /** The sequence that counts statements whose changes could not even be announced; see {@code docs/notify.md}. */
    String lostSequence() {
        return SqlText.name(connector, "lost");
    }

    /** The statement that reads {@link #lostSequence()}: one row, one column that differs after each loss. */
    public String readLost() {
        return "SELECT last_value::text || is_called::text FROM " + SqlText.identifier(schema, lostSequence());
    }

    String function(TableName table, Operation operation) {
        return SqlText.name(connector, table.schema(), table.table(), operation.text());
    }

    /**
     * A trigger's name is local to its table. One that PostgreSQL clones to partitions meets others there: so that it
     * gets in nobody's way, least of all of ATTACH PARTITION, it holds the name of the table that it comes from.
     */
    String trigger(TableShape table, Operation operation) {
        return operation.forEachRow(table.triggers())
                ? SqlText.name(
                        "ectowatch",
                        connector,
                        table.name().schema(),
                        table.name().table(),
                        operation.text())
                : SqlText.name("ectowatch", connector, operation.text());
    }

    /** A name of the schema's, as a {@code regclass} constant: looked up when the statement is planned, not each time. */
    String regclass(String name) {
        return SqlText.literal(SqlText.identifier(schema, name)) + "::regclass";
    }
}
