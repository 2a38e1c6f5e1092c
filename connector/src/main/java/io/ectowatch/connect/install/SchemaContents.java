package io.ectowatch.connect.install;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is in {@code database.schema} now, and whose it is.
 *
 * @param exists whether there is such a schema
 * @param shared whether a connector has made it
 * @param relations the tables and sequences by name
 * @param functions the functions by name
 */
record SchemaContents(
        boolean exists,
        boolean shared,
        Map<String, Optional<Marker>> relations,
        Map<String, PresentFunction> functions) {

    /**
     * A function.
     *
     * @param marker whose it is; empty when it is not ours
     * @param body its body
     * @param replaceable whether the connected role may replace it
     */
    record PresentFunction(Optional<Marker> marker, String body, boolean replaceable) {}

    private static final String SCHEMA =
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = ?";

    private static final String RELATIONS = """
            SELECT c.relname, obj_description(c.oid, 'pg_class')
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relkind IN ('r', 'S')
            """;

    private static final String FUNCTIONS = """
            SELECT p.proname, obj_description(p.oid, 'pg_proc'), p.prosrc, pg_has_role(p.proowner, 'USAGE')
            FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname = ?
            """;

    static SchemaContents read(Connection connection, String schema) throws SQLException {
        Map<String, Optional<Marker>> relations = new HashMap<>();
        Map<String, PresentFunction> functions = new HashMap<>();
        boolean exists;
        boolean shared;
        try (PreparedStatement statement = connection.prepareStatement(SCHEMA)) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                exists = row.next();
                shared = exists && Marker.parse(row.getString(1)).equals(Optional.of(Marker.shared()));
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(RELATIONS)) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    relations.put(row.getString(1), Marker.parse(row.getString(2)));
                }
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(FUNCTIONS)) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    functions.put(
                            row.getString(1),
                            new PresentFunction(Marker.parse(row.getString(2)), row.getString(3), row.getBoolean(4)));
                }
            }
        }
        return new SchemaContents(exists, shared, relations, functions);
    }
}
