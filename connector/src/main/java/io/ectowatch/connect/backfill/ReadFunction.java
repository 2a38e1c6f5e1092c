package io.ectowatch.connect.backfill;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.FunctionSql;
import io.ectowatch.connect.trigger.FunctionTemplate;
import io.ectowatch.connect.trigger.PinnedSettings;
import io.ectowatch.connect.trigger.TriggerFunction;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A function that reads the next rows of one table for backfills, so that the connector's role needs no privilege on the
 * table. It takes a key and a number of rows, no SQL, and returns what a trigger would write for these rows.
 *
 * <p>The owner of the table owns it. Reading a table can run code of the table's owner, for example a function of an index:
 * here that code runs with the rights of its owner, not with those of the connector or of the role that ran the script.
 */
public final class ReadFunction {

    private static final FunctionTemplate TEMPLATE = FunctionTemplate.load("read-rows.sql");
    private static final FunctionTemplate SECURE = FunctionTemplate.load("secure-read-rows.sql");
    private static final int HASH_DIGITS = 16;

    private final ObjectNames names;
    private final WatchedTable table;
    private final FunctionSql sql;

    private ReadFunction(ObjectNames names, WatchedTable table, FunctionSql sql) {
        this.names = names;
        this.table = table;
        this.sql = sql;
    }

    /** The function for a table; empty if the table cannot be backfilled. Reads catalogs only. */
    public static Optional<ReadFunction> of(Connection connection, ObjectNames names, WatchedTable table)
            throws SQLException {
        try {
            return Optional.of(of(names, table, KeyOrder.read(connection, table)));
        } catch (BackfillFailedException e) {
            return Optional.empty();
        }
    }

    static ReadFunction of(ObjectNames names, WatchedTable table, KeyOrder order) {
        ChunkQuery query = new ChunkQuery(names, table, order, null, false);
        Map<String, String> settings = new LinkedHashMap<>(PlannerSettings.VALUES);
        settings.putAll(PinnedSettings.VALUES);
        Map<String, String> places = Map.of(
                "function", SqlText.identifier(names.schema(), name(names, table)),
                "connector", TriggerFunction.oneLine(names.connector()),
                "table", TriggerFunction.oneLine(table.shape().name().toString()),
                "table literal", SqlText.literal(table.shape().name().toString()),
                "owner literal", SqlText.literal(table.shape().owner()),
                "settings",
                        settings.entrySet().stream()
                                .map(setting -> "SET " + setting.getKey() + " = " + SqlText.literal(setting.getValue()))
                                .collect(Collectors.joining("\n")),
                "first rows", query.forFunction(null, "$2"),
                "next rows", query.forFunction(order.afterVariable("$1"), "$2"));
        return new ReadFunction(names, table, TEMPLATE.fill(places));
    }

    private static String name(ObjectNames names, WatchedTable table) {
        return names.readFunction(table.shape().name());
    }

    /** Its name within {@code database.schema}. */
    public String name() {
        return name(names, table);
    }

    FunctionSql sql() {
        return sql;
    }

    /** Whether a function is this one, by its comment, its body and its {@code FunctionHeader}. */
    public boolean isLike(@Nullable Marker otherMarker, String body, String header) {
        return marker().equals(otherMarker)
                && sql.body().equals(body)
                && sql.header().equals(header);
    }

    /** The table that it reads. */
    public WatchedTable table() {
        return table;
    }

    /** The role that must own it. */
    public String owner() {
        return table.shape().owner();
    }

    private Marker marker() {
        return new Marker(
                names.connector(),
                table.shape().name().toString(),
                table.layout(),
                "durable",
                SqlText.hash(HASH_DIGITS, sql.create()));
    }

    /** The name and the types of the arguments of such a function, for statements. */
    public static String signature(ObjectNames names, String name) {
        return SqlText.identifier(names.schema(), name) + "(" + ObjectNames.READ_ARGUMENTS + ")";
    }

    /**
     * The statements that create or replace it.
     *
     * @param role the connector's role, which alone may execute it
     */
    public List<String> create(String role) {
        String signature = signature(names, name());
        return List.of(
                sql.create(),
                "COMMENT ON FUNCTION " + signature + " IS " + SqlText.literal(marker().comment()),
                SECURE.fill(Map.of(
                                "signature", SqlText.literal(signature),
                                "function", signature,
                                "schema", SqlText.identifier(names.schema()),
                                "schema literal", SqlText.literal(names.schema()),
                                "table literal",
                                        SqlText.literal(table.shape().name().toString()),
                                "owner", SqlText.identifier(owner()),
                                "owner literal", SqlText.literal(owner())))
                        .create(),
                grant(role));
    }

    /** The statement that lets the connector's role execute it. */
    public String grant(String role) {
        return "GRANT EXECUTE ON FUNCTION " + signature(names, name()) + " TO " + SqlText.identifier(role);
    }

    /** The query that calls the function, with one row more that has the snapshot. */
    static String call(ObjectNames names, WatchedTable table, int size, @Nullable List<String> last, int limit) {
        StringBuilder keys = new StringBuilder();
        for (int i = 0; i < size; i++) {
            keys.append(", r.key[").append(i + 1).append("] AS k").append(i);
        }
        String after = last == null
                ? "NULL"
                : last.stream().map(SqlText::literal).collect(Collectors.joining(", ", "ARRAY[", "]"));
        return "SELECT r.entry" + keys + " FROM " + SqlText.identifier(names.schema(), name(names, table)) + "(" + after
                + "::pg_catalog.text[], " + limit + ") AS r";
    }
}
