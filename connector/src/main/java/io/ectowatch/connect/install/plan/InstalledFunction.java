package io.ectowatch.connect.install.plan;

import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.FunctionHeader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * An installed function of the connector, with the triggers that call it if it is a trigger function; the others
 * evaluate conditions.
 *
 * @param name its name within {@code database.schema}
 * @param forTriggers whether triggers call it, not other functions
 * @param marker its comment
 * @param body its current body
 * @param header its other properties, see {@link FunctionHeader}
 * @param callers the roles that may call it besides its owner; the empty text is PUBLIC
 * @param triggers the triggers that call it, without clones on partitions, which follow their root's
 * @param firing how all of these are enabled, clones included: {@code pg_trigger.tgenabled}, each letter once
 */
public record InstalledFunction(
        String name,
        boolean forTriggers,
        Marker marker,
        String body,
        String header,
        Set<String> callers,
        List<InstalledTrigger> triggers,
        String firing) {

    /**
     * A trigger that calls the function.
     *
     * @param tableOid the OID of its table
     * @param name its name
     * @param type {@code pg_trigger.tgtype}
     * @param newRows its new transition table's name, or null
     * @param oldRows its old transition table's name, or null
     * @param conditional whether it has a WHEN clause
     */
    record InstalledTrigger(
            long tableOid, String name, int type, String newRows, String oldRows, boolean conditional) {}

    private static final String MARKERS = """
            SELECT m.description
            FROM pg_namespace AS n
            JOIN pg_proc AS p ON p.pronamespace = n.oid
            JOIN pg_description AS m ON m.objoid = p.oid AND m.classoid = 'pg_proc'::regclass AND m.objsubid = 0
            WHERE n.nspname = ? AND starts_with(m.description, ?)
            """;

    private static final String QUERY = """
            SELECT p.proname, m.description, p.prosrc,
                   t.tgrelid, t.tgname, t.tgtype, t.tgnewtable, t.tgoldtable, t.tgqual IS NOT NULL,
                   p.prorettype = 'trigger'::regtype, f.firing, %s, %s
            FROM pg_proc AS p
            JOIN pg_description AS m ON m.objoid = p.oid AND m.classoid = 'pg_proc'::regclass AND m.objsubid = 0
            JOIN pg_language AS l ON l.oid = p.prolang
            JOIN pg_namespace AS n ON n.oid = p.pronamespace
            LEFT JOIN pg_trigger AS t ON t.tgfoid = p.oid AND t.tgparentid = 0
            LEFT JOIN (SELECT tgfoid, string_agg(DISTINCT tgenabled::text, '') AS firing
                       FROM pg_trigger GROUP BY tgfoid) AS f ON f.tgfoid = p.oid
            WHERE n.nspname = ? AND starts_with(m.description, ?)
              AND (p.prorettype = 'trigger'::regtype AND p.pronargs = 0
                   OR p.prorettype = 'bool'::regtype AND oidvectortypes(p.proargtypes) = 'record, record')
            ORDER BY p.proname, t.tgrelid
            """.formatted(FunctionHeader.SQL, FunctionHeader.CALLERS_SQL);

    /** The tables, as {@code schema.table}, that the connector has functions for. */
    public static Set<String> tables(Connection connection, ObjectNames names) throws SQLException {
        Set<String> tables = new TreeSet<>();
        try (PreparedStatement statement = connection.prepareStatement(MARKERS)) {
            statement.setString(1, names.schema());
            statement.setString(2, Marker.beginning(names.connector()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Marker.parse(row.getString(1)).map(Marker::table).ifPresent(tables::add);
                }
            }
        }
        return tables;
    }

    /** All functions that bear the connector's marker, by name. */
    public static Map<String, InstalledFunction> readAll(Connection connection, ObjectNames names) throws SQLException {
        Map<String, InstalledFunction> functions = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setString(1, names.schema());
            statement.setString(2, Marker.beginning(names.connector()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Optional<Marker> marker = Marker.parse(row.getString(2))
                            .filter(found -> found.connector().equals(names.connector()));
                    if (marker.isPresent()) {
                        String name = row.getString(1);
                        String body = row.getString(3);
                        boolean forTriggers = row.getBoolean(10);
                        String firing = row.getString(11);
                        String header = row.getString(12);
                        Set<String> callers = new TreeSet<>(
                                List.of((String[]) row.getArray(13).getArray()));
                        InstalledFunction function = functions.computeIfAbsent(
                                name,
                                any -> new InstalledFunction(
                                        any,
                                        forTriggers,
                                        marker.get(),
                                        body,
                                        header,
                                        callers,
                                        new ArrayList<>(),
                                        firing));
                        long table = row.getLong(4);
                        if (table != 0) {
                            function.triggers.add(new InstalledTrigger(
                                    table,
                                    row.getString(5),
                                    row.getInt(6),
                                    row.getString(7),
                                    row.getString(8),
                                    row.getBoolean(9)));
                        }
                    }
                }
            }
        }
        return functions;
    }
}
