package io.ectowatch.connect.install.uninstall;

import io.ectowatch.connect.install.objects.SchemaContents;
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

    /** The end of a connector's lease; null if this role may not read it. */
    private static final String STATE = """
            SELECT (SELECT CASE WHEN s IS NULL THEN 0
                                WHEN NOT EXISTS (SELECT FROM pg_class WHERE oid = s AND relkind = 'S') THEN NULL
                                WHEN has_sequence_privilege(s, 'SELECT') THEN coalesce(pg_sequence_last_value(s), 0) END
                    FROM to_regclass(?) AS s),
                   date_part('epoch', clock_timestamp())::int8
            """;

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
        for (Map.Entry<String, Left> entry : find(connection).entrySet()) {
            ObjectNames others = new ObjectNames(entry.getKey(), names.schema());
            boolean atWork = !AdvisoryLock.presence(others)
                    .holders(connection)
                    .counting()
                    .isEmpty();
            try (PreparedStatement statement = connection.prepareStatement(STATE)) {
                statement.setString(1, others.lease());
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    long lease = row.getLong(1);
                    if (!atWork && !row.wasNull()) {
                        runDueTasks(connection, others, entry.getValue(), lease, lease < row.getLong(2));
                    }
                }
            }
        }
        List<String> now = List.copyOf(messages);
        messages.clear();
        return now;
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
        SchemaContents contents = SchemaContents.read(connection, names);
        Map<String, Left> found = new TreeMap<>();
        contents.relations().values().forEach(marker -> add(marker, found));
        contents.functions().forEach(function -> add(function.marker(), found));
        return found;
    }

    private void add(Optional<Marker> marker, Map<String, Left> found) {
        String owner = marker.map(Marker::connector).orElse("");
        if (!owner.isEmpty() && !owner.equals(names.connector())) {
            Left left = found.computeIfAbsent(owner, any -> new Left());
            left.objects++;
            if (!marker.get().table().isEmpty()) {
                left.tables.add(marker.get().table());
            }
        }
    }
}
