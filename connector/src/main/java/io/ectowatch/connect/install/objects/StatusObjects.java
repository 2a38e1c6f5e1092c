package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.install.objects.SchemaContents.OtherRelation;
import io.ectowatch.connect.install.objects.SchemaContents.PresentFunction;
import io.ectowatch.connect.postgres.LockHolders;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.LossCause;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.protocol.RingBits;
import io.ectowatch.connect.trigger.FunctionSql;
import io.ectowatch.connect.trigger.FunctionTemplate;
import io.ectowatch.connect.trigger.SecureFunctions;
import io.ectowatch.connect.trigger.Template;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What shows the state of all connectors of a schema to a database administrator: a view and two functions that the
 * connectors share. Connectors of several versions may share a schema: the one with the highest {@link #REVISION}
 * writes the objects.
 */
public final class StatusObjects {

    static final String VIEW = "status";
    static final String CHECK = "check";
    static final String CONNECTORS = "connectors";

    /** The predefined role whose members may use them. */
    static final String READERS = "pg_monitor";

    /** Raise it with each change of these objects. New columns of the view come last. */
    private static final int REVISION = 4;

    private static final FunctionTemplate CONNECTORS_SQL = FunctionTemplate.load("connectors.sql");
    private static final FunctionTemplate CHECK_SQL = FunctionTemplate.load("check.sql");
    private static final Template VIEW_SQL = Template.load("status.sql");
    private static final FunctionTemplate SECURE = FunctionTemplate.load("secure-status.sql");

    /** The types of the arguments of each function, as {@code oidvectortypes} returns them. */
    static final Map<String, String> FUNCTIONS = Map.of(CONNECTORS, "text", CHECK, "text");

    /** Both functions exist, are the connectors', and belong to the connected role or to a superuser. */
    private static final String MAY_BE_CALLED = """
            SELECT coalesce(bool_and(has_function_privilege(p.oid, 'EXECUTE')
                                     AND (o.rolsuper OR o.rolname = current_user)), false)
            FROM pg_proc AS p JOIN pg_roles AS o ON o.oid = p.proowner
            WHERE p.oid = ANY (ARRAY[to_regprocedure(?), to_regprocedure(?)])
              AND starts_with(obj_description(p.oid, 'pg_proc'), ?)
            HAVING count(*) = 2
            """;

    private final String schema;

    StatusObjects(String schema) {
        this.schema = schema;
    }

    /** The query for what is wrong with the connector whose name is the parameter: problem and remedy. */
    public static String check(String schema) {
        return "SELECT problem, remedy FROM " + SqlText.identifier(schema, CHECK) + "(?)";
    }

    /** Whether the function "check" exists, and runs no code of a role that the connected one need not trust. */
    public static boolean mayBeCalled(Connection connection, String schema) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(MAY_BE_CALLED)) {
            statement.setString(1, SqlText.identifier(schema, CHECK) + "(text)");
            statement.setString(2, SqlText.identifier(schema, CONNECTORS) + "(text)");
            statement.setString(3, Marker.beginning(""));
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /** Creates or replaces all of them. */
    List<String> create() {
        String marker = SqlText.literal(marker().comment());
        String connectors = SqlText.identifier(schema, CONNECTORS) + "(text)";
        String check = SqlText.identifier(schema, CHECK) + "(text)";
        String view = SqlText.identifier(schema, VIEW);
        List<String> statements = new ArrayList<>();
        statements.add(sql(CONNECTORS).create());
        statements.add("COMMENT ON FUNCTION " + connectors + " IS " + marker);
        statements.add(VIEW_SQL.fill(places()).stripTrailing());
        statements.add(SECURE.fill(places()).create());
        statements.add("COMMENT ON VIEW " + view + " IS " + marker);
        statements.add(sql(CHECK).create());
        statements.add("COMMENT ON FUNCTION " + check + " IS " + marker);
        statements.add("REVOKE ALL ON FUNCTION " + connectors + ", " + check + " FROM PUBLIC");
        statements.add(SecureFunctions.of(schema, List.of(CONNECTORS, CHECK), List.of(READERS)));
        statements.add("GRANT EXECUTE ON FUNCTION " + connectors + ", " + check + " TO " + READERS);
        statements.add("GRANT SELECT ON " + view + " TO " + READERS);
        return statements;
    }

    /**
     * What creates or replaces them, if one is missing or of an earlier revision. If one of the names is taken, or a role
     * whose objects the connected one may not replace has made them, they stay as they are.
     */
    List<String> missing(SchemaContents present) {
        return areThere(present) ? List.of() : complete(present);
    }

    /** As {@link #missing}, also if nothing is missing. */
    List<String> complete(SchemaContents present) {
        boolean taken = present.relations().containsKey(VIEW)
                || Optional.ofNullable(present.others().get(VIEW))
                        .filter(found -> !mayReplace(found))
                        .isPresent()
                || FUNCTIONS.entrySet().stream()
                        .flatMap(function -> present.function(function.getKey(), function.getValue()).stream())
                        .anyMatch(found -> !mayReplace(found.marker(), found.replaceable()));
        return taken ? List.of() : create();
    }

    private boolean areThere(SchemaContents present) {
        return present.others().containsKey(VIEW)
                && isCurrent(present.others().get(VIEW).marker())
                && FUNCTIONS.entrySet().stream().allMatch(wanted -> present.function(wanted.getKey(), wanted.getValue())
                        .filter(this::isLike)
                        .isPresent());
    }

    private boolean isLike(PresentFunction found) {
        FunctionSql sql = sql(found.name());
        return isCurrent(found.marker())
                && found.body().equals(sql.body())
                && found.header().equals(sql.header())
                && List.of(READERS).containsAll(found.callers());
    }

    private static boolean mayReplace(OtherRelation found) {
        return found.view() && mayReplace(found.marker(), found.replaceable());
    }

    private static boolean mayReplace(Optional<Marker> marker, boolean replaceable) {
        return replaceable && isShared(marker) && revision(marker) <= REVISION;
    }

    /** Whether the comment marks an object that connectors share. */
    static boolean isShared(Optional<Marker> marker) {
        return marker.filter(found -> found.connector().isEmpty()).isPresent();
    }

    private static boolean isCurrent(Optional<Marker> marker) {
        return isShared(marker) && revision(marker) == REVISION;
    }

    private static int revision(Optional<Marker> marker) {
        return marker.map(Marker::hash)
                .filter(hash -> hash.matches("[0-9]{1,9}"))
                .map(Integer::parseInt)
                .orElse(0);
    }

    private static Marker marker() {
        return new Marker("", "", "", "", Integer.toString(REVISION));
    }

    private FunctionSql sql(String name) {
        return (name.equals(CHECK) ? CHECK_SQL : CONNECTORS_SQL).fill(places());
    }

    private Map<String, String> places() {
        Map<String, String> places = new HashMap<>(RingBits.PLACES);
        String connectors = SqlText.identifier(schema, CONNECTORS);
        places.put("schema", SqlText.identifier(schema));
        places.put("schema literal", SqlText.literal(SqlText.identifier(schema)));
        places.put("connectors", connectors);
        places.put("signature", SqlText.literal(connectors + "(text)"));
        places.put("check", SqlText.identifier(schema, CHECK));
        places.put("status", SqlText.identifier(schema, VIEW));
        places.put("status literal", SqlText.literal(SqlText.identifier(schema, VIEW)));
        places.put("presence", ObjectNames.presenceKey(schema, "name"));
        places.put("loss cause", LossCause.description("(facts ->> 'lost')::bigint"));
        places.put("description", LockHolders.DESCRIPTION);
        places.put("joins", LockHolders.JOINS.stripTrailing());
        return places;
    }
}
