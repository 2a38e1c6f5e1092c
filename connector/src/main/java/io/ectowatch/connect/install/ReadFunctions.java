package io.ectowatch.connect.install;

import io.ectowatch.connect.backfill.ReadFunction;
import io.ectowatch.connect.config.DeliveryFragment;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.install.plan.Step;
import io.ectowatch.connect.install.plan.Unwatched;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.FunctionHeader;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The functions that read tables for backfills, compared with those that exist. */
final class ReadFunctions {

    private static final String PRESENT = """
            SELECT p.proname, m.comment, CASE WHEN starts_with(m.comment, ?) THEN p.prosrc ELSE '' END, %s, o.rolname, %s,
                   has_function_privilege(p.oid, 'EXECUTE')
            FROM pg_proc AS p
            CROSS JOIN LATERAL (SELECT obj_description(p.oid, 'pg_proc') AS comment) AS m
            JOIN pg_language AS l ON l.oid = p.prolang
            JOIN pg_namespace AS n ON n.oid = p.pronamespace
            JOIN pg_roles AS o ON o.oid = p.proowner
            WHERE n.nspname = ? AND oidvectortypes(p.proargtypes) = ?
            """.formatted(FunctionHeader.SQL, FunctionHeader.CALLERS_SQL);

    /**
     * A function that exists.
     *
     * @param body its body; empty if it is another connector's
     * @param callers the roles that may call it besides its owner; the empty text is PUBLIC
     * @param callable whether the connector's role may call it
     */
    private record Present(
            @Nullable Marker marker, String body, String header, String owner, Set<String> callers, boolean callable) {}

    /**
     * The roles that could create another function in the place of one that its owner has dropped: the task would call it
     * before it reads the catalog again. The owner of the connector's other objects is trusted.
     */
    private static final String CREATORS = """
            SELECT coalesce(r.rolname, '')
            FROM pg_namespace AS n
            CROSS JOIN aclexplode(n.nspacl) AS a
            JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.proname = ?
            LEFT JOIN pg_roles AS r ON r.oid = a.grantee
            WHERE n.nspname = ? AND a.privilege_type = 'CREATE' AND a.grantee NOT IN (n.nspowner, p.proowner)
              AND NOT coalesce(r.rolsuper OR r.rolname = current_user, false)
            ORDER BY 1
            """;

    private final ObjectNames names;
    private final String role;
    private final List<String> creators;
    private final List<ReadFunction> wanted;
    private final Map<String, Present> present;

    private ReadFunctions(
            ObjectNames names,
            String role,
            List<String> creators,
            List<ReadFunction> wanted,
            Map<String, Present> present) {
        this.names = names;
        this.creators = creators;
        this.role = role;
        this.wanted = wanted;
        this.present = present;
    }

    /**
     * Compares.
     *
     * @param tables the tables that need such a function
     */
    static ReadFunctions read(Connection connection, ObjectNames names, List<WatchedTable> tables) throws SQLException {
        List<ReadFunction> wanted = new ArrayList<>();
        for (WatchedTable table : tables) {
            ReadFunction.of(connection, names, table).ifPresent(wanted::add);
        }
        Map<String, Present> present = new TreeMap<>();
        try (PreparedStatement statement = connection.prepareStatement(PRESENT)) {
            statement.setString(1, Marker.beginning(names.connector()));
            statement.setString(2, names.schema());
            statement.setString(3, ObjectNames.READ_ARGUMENTS);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Set<String> callers =
                            new TreeSet<>(List.of((String[]) row.getArray(6).getArray()));
                    present.put(
                            row.getString(1),
                            new Present(
                                    Marker.parse(row.getString(2)).orElse(null),
                                    row.getString(3),
                                    row.getString(4),
                                    row.getString(5),
                                    callers,
                                    row.getBoolean(7)));
                }
            }
        }
        List<String> role = List.of("");
        List<String> creators = List.of();
        if (!wanted.isEmpty()) {
            role = texts(connection, "SELECT current_user");
            creators = texts(connection, CREATORS, names.backfillFunction(), names.schema());
        }
        return new ReadFunctions(names, role.get(0), creators, wanted, present);
    }

    private static List<String> texts(Connection connection, String query, String... arguments) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setString(i + 1, arguments[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    texts.add(row.getString(1));
                }
            }
        }
        return texts;
    }

    /** What must not be, since code of other roles could run with the connector's rights. */
    List<ConfigProblem> problems() {
        return creators.stream()
                .map(creator -> new ConfigProblem(
                        DeliveryFragment.SCHEMA_CONFIG,
                        (creator.isEmpty() ? "Every role" : "Role " + creator) + " may create objects in schema "
                                + names.schema() + ", and so could replace a function that reads a table for backfills."
                                + " Run: REVOKE CREATE ON SCHEMA " + SqlText.identifier(names.schema()) + " FROM "
                                + (creator.isEmpty() ? "PUBLIC" : SqlText.identifier(creator))
                                + "; Or choose another database.schema, or set backfill=none."))
                .toList();
    }

    /** What differs, table by table. */
    List<Step> missing(Unwatched unwatched) {
        List<Step> steps = new ArrayList<>();
        for (ReadFunction function : wanted) {
            List<String> statements = missing(function);
            if (!statements.isEmpty()) {
                steps.add(step(function, statements));
            }
        }
        steps.addAll(unneeded(unwatched));
        return steps;
    }

    private List<String> missing(ReadFunction function) {
        Present found = present.get(function.name());
        if (found == null || !function.isLike(found.marker(), found.body(), found.header())) {
            return function.create(role);
        }
        String signature = ReadFunction.signature(names, function.name());
        List<String> statements = new ArrayList<>();
        if (!found.owner().equals(function.owner())) {
            statements.add("ALTER FUNCTION " + signature + " OWNER TO " + SqlText.identifier(function.owner()));
        }
        if (!found.callable()) {
            statements.add(function.grant(role));
        }
        for (String caller : found.callers()) {
            if (!caller.equals(role)) {
                statements.add("REVOKE ALL ON FUNCTION " + signature + " FROM "
                        + (caller.isEmpty() ? "PUBLIC" : SqlText.identifier(caller)));
            }
        }
        return statements;
    }

    /** All of them, whether they exist or not, and the removal of those that no table needs. */
    List<Step> complete(Unwatched unwatched) {
        List<Step> steps = new ArrayList<>();
        wanted.forEach(function -> steps.add(step(function, function.create(role))));
        steps.addAll(unneeded(unwatched));
        return steps;
    }

    private static Step step(ReadFunction function, List<String> statements) {
        return new Step(
                "let backfills read " + function.table().shape().name(),
                Set.of(function.table().shape().oid()),
                Step.Lock.NONE,
                statements);
    }

    private List<Step> unneeded(Unwatched unwatched) {
        Set<String> needed = new TreeSet<>();
        wanted.forEach(function -> needed.add(function.name()));
        List<Step> steps = new ArrayList<>();
        present.forEach((name, function) -> {
            Marker marker = function.marker();
            if (marker != null
                    && marker.connector().equals(names.connector())
                    && !needed.contains(name)
                    && !unwatched.kept().contains(marker.table())) {
                steps.add(new Step(
                        "let no backfill read " + marker.table() + " by a function",
                        Set.of(),
                        Step.Lock.NONE,
                        List.of("DROP FUNCTION IF EXISTS " + ReadFunction.signature(names, name))));
            }
        });
        return steps;
    }
}
