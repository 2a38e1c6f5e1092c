package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.FunctionHeader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The objects in {@code database.schema}, with their owners.
 *
 * @param exists whether the schema exists
 * @param shared whether a connector has created it
 * @param owner the role that owns it; empty if it does not exist
 * @param ownedBySuperuser whether the owner is a superuser
 * @param grants the privileges of roles other than its owner
 * @param relations the tables and sequences by name
 * @param others all other relations, such as views, by name
 * @param functions the functions
 */
public record SchemaContents(
        boolean exists,
        boolean shared,
        String owner,
        boolean ownedBySuperuser,
        List<Grant> grants,
        Map<String, Optional<Marker>> relations,
        Map<String, OtherRelation> others,
        List<PresentFunction> functions) {

    /**
     * A relation that is neither a table nor a sequence.
     *
     * @param view whether it is a view
     * @param marker its marker; empty if its comment is not one
     * @param owner its owner
     * @param ownedBySuperuser whether the owner is a superuser
     * @param replaceable whether the connected role may replace it
     */
    public record OtherRelation(
            boolean view, Optional<Marker> marker, String owner, boolean ownedBySuperuser, boolean replaceable) {}

    /**
     * A function.
     *
     * @param name its name
     * @param arguments the types of its arguments, such as {@code bigint, text}
     * @param marker its marker; empty if its comment is not one
     * @param body its body; empty unless its marker is the connector's or that of a shared object
     * @param header its other properties, see {@link FunctionHeader}; empty where the body is
     * @param owner its owner
     * @param ownedBySuperuser whether the owner is a superuser
     * @param callers the roles that may call it besides its owner; the empty text is PUBLIC. Empty where the body is
     * @param replaceable whether the connected role may replace it
     */
    public record PresentFunction(
            String name,
            String arguments,
            Optional<Marker> marker,
            String body,
            String header,
            String owner,
            boolean ownedBySuperuser,
            Set<String> callers,
            boolean replaceable) {}

    private static final String SCHEMA = """
            SELECT obj_description(n.oid, 'pg_namespace'), o.rolname, o.rolsuper,
                   a.privilege_type, coalesce(r.rolname, ''), coalesce(r.rolsuper, false)
            FROM pg_namespace AS n
            JOIN pg_roles AS o ON o.oid = n.nspowner
            LEFT JOIN aclexplode(n.nspacl) AS a ON a.grantee <> n.nspowner
            LEFT JOIN pg_roles AS r ON r.oid = a.grantee
            WHERE n.nspname = ?
            """;

    private static final String RELATIONS = """
            SELECT c.relname, d.description, c.relkind, o.rolname, o.rolsuper, pg_has_role(c.relowner, 'USAGE')
            FROM pg_class AS c
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            JOIN pg_roles AS o ON o.oid = c.relowner
            LEFT JOIN pg_description AS d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
            WHERE n.nspname = ?
            """;

    /** A join, since a call of obj_description for each object takes most of the time in a schema of many connectors. */
    private static final String FUNCTIONS = """
            SELECT p.proname, oidvectortypes(p.proargtypes), d.description,
                   CASE WHEN k.compared THEN p.prosrc ELSE '' END, CASE WHEN k.compared THEN %s ELSE '' END,
                   o.rolname, o.rolsuper, CASE WHEN k.compared THEN %s ELSE '{}' END,
                   pg_has_role(p.proowner, 'USAGE')
            FROM pg_proc AS p
            JOIN pg_namespace AS n ON n.oid = p.pronamespace
            JOIN pg_language AS l ON l.oid = p.prolang
            JOIN pg_roles AS o ON o.oid = p.proowner
            LEFT JOIN pg_description AS d ON d.objoid = p.oid AND d.classoid = 'pg_proc'::regclass AND d.objsubid = 0
            CROSS JOIN LATERAL (
                SELECT starts_with(d.description, ?) OR starts_with(d.description, ?) AS compared) AS k
            WHERE n.nspname = ?
            """.formatted(FunctionHeader.SQL, FunctionHeader.CALLERS_SQL);

    /**
     * Reads them. A schema of 100 connectors has some 9 MB of functions: the text and the privileges of those of other
     * connectors are not read.
     */
    public static SchemaContents read(Connection connection, ObjectNames names) throws SQLException {
        String schema = names.schema();
        Map<String, Optional<Marker>> relations = new HashMap<>();
        Map<String, OtherRelation> others = new HashMap<>();
        List<PresentFunction> functions = new ArrayList<>();
        List<Grant> grants = new ArrayList<>();
        boolean exists = false;
        boolean shared = false;
        String owner = "";
        boolean ownedBySuperuser = false;
        try (PreparedStatement statement = connection.prepareStatement(SCHEMA)) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    exists = true;
                    shared = Marker.parse(row.getString(1)).equals(Optional.of(Marker.shared()));
                    owner = row.getString(2);
                    ownedBySuperuser = row.getBoolean(3);
                    if (row.getString(4) != null) {
                        grants.add(new Grant(row.getString(4), row.getString(5), row.getBoolean(6)));
                    }
                }
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(RELATIONS)) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Optional<Marker> marker = Marker.parse(row.getString(2));
                    String kind = row.getString(3);
                    if (kind.equals("r") || kind.equals("S")) {
                        relations.put(row.getString(1), marker);
                    } else {
                        others.put(
                                row.getString(1),
                                new OtherRelation(
                                        kind.equals("v"),
                                        marker,
                                        row.getString(4),
                                        row.getBoolean(5),
                                        row.getBoolean(6)));
                    }
                }
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(FUNCTIONS)) {
            statement.setString(1, Marker.beginning(names.connector()));
            statement.setString(2, Marker.beginning(""));
            statement.setString(3, schema);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    functions.add(new PresentFunction(
                            row.getString(1),
                            row.getString(2),
                            Marker.parse(row.getString(3)),
                            row.getString(4),
                            row.getString(5),
                            row.getString(6),
                            row.getBoolean(7),
                            new TreeSet<>(List.of((String[]) row.getArray(8).getArray())),
                            row.getBoolean(9)));
                }
            }
        }
        return new SchemaContents(exists, shared, owner, ownedBySuperuser, grants, relations, others, functions);
    }

    /** The function of that name and with these arguments. */
    Optional<PresentFunction> function(String name, String arguments) {
        return functions.stream()
                .filter(function ->
                        function.name().equals(name) && function.arguments().equals(arguments))
                .findFirst();
    }
}
