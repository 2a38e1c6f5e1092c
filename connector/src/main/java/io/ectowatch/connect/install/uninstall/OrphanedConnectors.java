package io.ectowatch.connect.install.uninstall;

import io.ectowatch.connect.install.objects.UninstallFunction;
import io.ectowatch.connect.install.plan.AdvisoryLock;
import io.ectowatch.connect.install.plan.InstallOptions;
import io.ectowatch.connect.install.plan.Pause;
import io.ectowatch.connect.postgres.Failure;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orphaned objects in the schema: those of connectors that were deleted or renamed. The lease, which every task
 * renews, distinguishes them from stopped connectors. Thread-safe.
 */
public final class OrphanedConnectors {

    private static final Logger log = LoggerFactory.getLogger(OrphanedConnectors.class);

    /** The comments of the tables, sequences and functions in the schema that are of another connector. */
    private static final String MARKERS = """
            SELECT d.description, count(*)
            FROM (SELECT c.tableoid AS class, c.oid, c.relnamespace AS schema FROM pg_class AS c WHERE c.relkind IN ('r', 'S')
                  UNION ALL
                  SELECT p.tableoid, p.oid, p.pronamespace FROM pg_proc AS p) AS o
            JOIN pg_namespace AS n ON n.oid = o.schema
            JOIN pg_description AS d ON d.classoid = o.class AND d.objoid = o.oid AND d.objsubid = 0
            WHERE n.nspname = ? AND starts_with(d.description, ?) AND NOT starts_with(d.description, ?)
            GROUP BY d.description
            """;

    /**
     * For connectors and the names of their leases: whether a session holds the presence lock, the end of the lease, null if
     * this role may not read it, and the time now. All at once, since each task asks this about all other connectors.
     */
    private static final String STATES = """
            WITH held AS MATERIALIZED (%s)
            SELECT o.connector, %s IN (SELECT h.key FROM held AS h),
                   (SELECT CASE WHEN s IS NULL THEN 0
                                WHEN NOT EXISTS (SELECT FROM pg_class WHERE oid = s AND relkind = 'S') THEN NULL
                                WHEN has_sequence_privilege(s, 'SELECT') THEN coalesce(pg_sequence_last_value(s), 0) END
                    FROM to_regclass(o.lease) AS s),
                   date_part('epoch', clock_timestamp())::int8
            FROM unnest(?::text[], ?::text[]) AS o (connector, lease)
            """;

    /** What a connector's lock and lease say. */
    private record State(String connector, boolean locked, long lease, boolean over) {}

    /** The objects of a connector. */
    private static final class Left {
        private final Set<String> tables = new TreeSet<>();
        private int objects;
    }

    private final ObjectNames names;
    private final InstallOptions options;
    private final Pause pause;
    private final Set<String> logged = new HashSet<>();
    private final List<String> messages = new ArrayList<>();

    public OrphanedConnectors(ObjectNames names, InstallOptions options, Pause pause) {
        this.names = names;
        this.options = options;
        this.pause = pause;
    }

    /**
     * Logs them, each change once, and removes them if that is configured.
     *
     * @param connection in autocommit mode
     * @return the messages that were logged
     */
    public synchronized List<String> runDueTasks(Connection connection) throws SQLException, InterruptedException {
        Map<String, Left> found = find(connection);
        for (State state : states(connection, found.keySet())) {
            ObjectNames others = new ObjectNames(state.connector(), names.schema());
            Left left = found.get(state.connector());
            if (left != null && !isRunning(connection, others, state)) {
                runDueTasks(connection, others, left, state.lease(), state.over());
            }
        }
        List<String> now = List.copyOf(messages);
        messages.clear();
        return now;
    }

    /**
     * Any role can take the lock. Whether the holder's role could be the connector's matters only once the lease is over,
     * and takes a query for each connector.
     */
    private static boolean isRunning(Connection connection, ObjectNames others, State state) throws SQLException {
        return state.locked()
                && (!state.over()
                        || !AdvisoryLock.presence(others)
                                .holders(connection)
                                .counting()
                                .isEmpty());
    }

    /** Without those whose lease this role may not read. */
    private List<State> states(Connection connection, Set<String> connectors) throws SQLException {
        List<State> states = new ArrayList<>();
        if (connectors.isEmpty()) {
            return states;
        }
        String query = STATES.formatted(AdvisoryLock.HELD_KEYS, ObjectNames.presenceKey(names.schema(), "o.connector"));
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setArray(1, connection.createArrayOf("text", connectors.toArray()));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text",
                            connectors.stream()
                                    .map(connector -> new ObjectNames(connector, names.schema()).lease())
                                    .toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    long lease = row.getLong(3);
                    if (!row.wasNull()) {
                        states.add(new State(row.getString(1), row.getBoolean(2), lease, lease < row.getLong(4)));
                    }
                }
            }
        }
        return states;
    }

    private void runDueTasks(Connection connection, ObjectNames others, Left left, long lease, boolean over)
            throws SQLException, InterruptedException {
        String what = "Connector " + others.connector() + " is not running, and there are " + left.objects
                + " orphaned objects of it in schema " + names.schema()
                + (left.tables.isEmpty() ? "" : ", with triggers on " + String.join(", ", left.tables));
        String uninstaller = "SELECT " + SqlText.identifier(names.schema(), UninstallFunction.NAME) + "("
                + SqlText.literal(others.connector()).strip() + ")";
        if (!over) {
            log(what + ". Its lease ends at " + Instant.ofEpochSecond(lease) + ". If it will not come back, run "
                    + uninstaller + " to remove them.");
        } else if (!options.cleanup()) {
            log(what + ". Its lease has expired. To remove them, set cleanup=true in this connector or run "
                    + uninstaller + ".");
        } else {
            remove(connection, others, what);
        }
    }

    private void remove(Connection connection, ObjectNames others, String what)
            throws SQLException, InterruptedException {
        try {
            Optional<String> obstacle = new Uninstaller(others, options.lockTimeoutMs(), pause).attempt(connection);
            if (obstacle.isPresent()) {
                log(what + ". They could not be removed yet; this is retried: " + obstacle.get() + ".");
            } else {
                logged.clear();
                log(what + ". Its lease has expired, so they were removed.");
            }
        } catch (SQLException e) {
            if (connection.isClosed()) {
                throw e;
            }
            log(what + ". They could not be removed: " + Failure.of(e).message());
        }
    }

    private void log(String text) {
        if (logged.add(text)) {
            log.warn(text);
            messages.add(text);
        }
    }

    private Map<String, Left> find(Connection connection) throws SQLException {
        Map<String, Left> found = new TreeMap<>();
        try (PreparedStatement statement = connection.prepareStatement(MARKERS)) {
            statement.setString(1, names.schema());
            statement.setString(2, Marker.beginning());
            statement.setString(3, Marker.beginning(names.connector()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Optional<Marker> marker = Marker.parse(row.getString(1));
                    if (marker.isPresent()) {
                        add(marker.get(), row.getInt(2), found);
                    }
                }
            }
        }
        return found;
    }

    private void add(Marker marker, int objects, Map<String, Left> found) {
        String owner = marker.connector();
        if (!owner.isEmpty() && !owner.equals(names.connector())) {
            Left left = found.computeIfAbsent(owner, any -> new Left());
            left.objects += objects;
            if (!marker.table().isEmpty()) {
                left.tables.add(marker.table());
            }
        }
    }
}
