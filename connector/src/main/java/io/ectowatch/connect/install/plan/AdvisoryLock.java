package io.ectowatch.connect.install.plan;

import io.ectowatch.connect.postgres.LockHolders;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.Template;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/**
 * An advisory lock of the connector. Any role that can connect can take it, so a session that holds it counts only if
 * its role could be the connector's; other sessions are logged and ignored.
 */
public final class AdvisoryLock {

    private static final String HOLDERS = """
            SELECT coalesce(string_agg(holder, '; ') FILTER (WHERE counts), ''),
                   coalesce(string_agg(holder, '; ') FILTER (WHERE NOT counts), '')
            FROM (SELECT %s AS holder, %s AS counts FROM %s) AS held
            """;

    private static final Template COUNTING_HOLDERS = Template.of("""
            SELECT string_agg(
                ${description}, '; ')
            FROM ${held}
              AND ${counts}""");

    private static final String HELD = """
            pg_locks AS l
            %sWHERE l.locktype = 'advisory' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND l.objsubid = %d AND (l.classid::int8 << 32 | l.objid::int8) = %s
            """;

    /** A query for the keys of the advisory locks of one key that other sessions hold in this database. */
    public static final String HELD_KEYS = """
            SELECT l.classid::int8 << 32 | l.objid::int8 AS key
            FROM pg_locks AS l
            WHERE l.locktype = 'advisory' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.objsubid = 1""";

    /** A login role may act as any role that it is a member of. A superuser is a member of all. */
    private static final Template COUNTS = Template.of("""
            EXISTS (
                SELECT FROM pg_roles AS r
                WHERE pg_has_role(coalesce(a.usesysid, (SELECT o.oid FROM pg_roles AS o WHERE o.rolname = p.owner)),
                                  r.oid, 'MEMBER')
                  AND ${condition})""");

    /** Roles of the connector in every install mode, and the owner of its objects. */
    private static final String OF_THE_CONNECTOR = """
            EXISTS (
                SELECT FROM pg_class AS s JOIN pg_namespace AS n ON n.oid = s.relnamespace
                WHERE n.nspname = %s AND s.relkind = 'S' AND starts_with(obj_description(s.oid, 'pg_class'), %s)
                  AND has_sequence_privilege(r.oid, s.oid, 'UPDATE'))""";

    private static final String MAY_INSTALL = """
            coalesce(
                (SELECT has_schema_privilege(r.oid, n.oid, 'CREATE') FROM pg_namespace AS n WHERE n.nspname = %s),
                has_database_privilege(r.oid, current_database(), 'CREATE'))""";

    /**
     * The sessions that hold a lock, as text, or empty.
     *
     * @param counting sessions whose role could be the connector's
     * @param strangers other sessions
     */
    public record Holders(String counting, String strangers) {

        /** Whether it is held only by sessions that do not count. */
        public boolean areStrangers() {
            return counting.isEmpty() && !strangers.isEmpty();
        }

        /** All sessions. */
        public String all() {
            return counting + (counting.isEmpty() || strangers.isEmpty() ? "" : "; ") + strangers;
        }
    }

    private final String held;
    private final String counts;

    private AdvisoryLock(String key, int keys, String condition) {
        held = HELD.formatted(LockHolders.JOINS, keys, key);
        counts = COUNTS.fill(Map.of("condition", condition));
    }

    /** The lock that a connector's sessions share while it runs, and that its removal takes exclusively. */
    public static AdvisoryLock presence(ObjectNames names) {
        return presence(
                names.schema(),
                SqlText.literal(names.connector()),
                SqlText.literal(Marker.beginning(names.connector())));
    }

    /**
     * Like the other. {@code connector} and {@code beginning} are SQL expressions for its name and for the beginning
     * of its markers.
     */
    public static AdvisoryLock presence(String schema, String connector, String beginning) {
        return new AdvisoryLock(
                ObjectNames.presenceKey(schema, connector),
                1,
                OF_THE_CONNECTOR.formatted(SqlText.literal(schema), beginning));
    }

    /** The lock that lets installations run one after another, in all schemas. */
    public static AdvisoryLock install(String schema) {
        return new AdvisoryLock(ObjectNames.INSTALL_KEY, 1, MAY_INSTALL.formatted(SqlText.literal(schema)));
    }

    /** The lock that a waiting task holds. */
    public static AdvisoryLock bell(ObjectNames names) {
        String[] keys = names.bellKey().split(", ");
        long key = Long.parseLong(keys[0]) << 32 | Long.parseLong(keys[1]) & 0xFFFF_FFFFL;
        return new AdvisoryLock(
                key + "::int8",
                2,
                OF_THE_CONNECTOR.formatted(
                        SqlText.literal(names.schema()), SqlText.literal(Marker.beginning(names.connector()))));
    }

    /** The other sessions that hold it now. */
    public Holders holders(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(HOLDERS.formatted(LockHolders.DESCRIPTION, counts, held))) {
            row.next();
            return new Holders(row.getString(1), row.getString(2));
        }
    }

    /** A query for the description of the holders that count, or null. */
    public String countingHolders() {
        return COUNTING_HOLDERS.fill(
                Map.of("description", LockHolders.DESCRIPTION, "held", held.stripTrailing(), "counts", counts));
    }
}
