package io.ectowatch.connect.install;

import io.ectowatch.connect.postgres.Failure;
import io.ectowatch.connect.postgres.SqlText;
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
 * What connectors that are no more, or have another name now, have left in the schema. One that is only stopped is told
 * from those by its lease, which every task renews. May be used by several threads.
 */
final class Leftovers {

    private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

    /** Until when a connector is trusted to come; null where this role may not know. */
    private static final String STATE = """
            SELECT (SELECT CASE WHEN s IS NULL THEN 0
                                WHEN NOT EXISTS (SELECT FROM pg_class WHERE oid = s AND relkind = 'S') THEN NULL
                                WHEN has_sequence_privilege(s, 'SELECT') THEN coalesce(pg_sequence_last_value(s), 0) END
                    FROM to_regclass(?) AS s),
                   date_part('epoch', clock_timestamp())::int8
            """;

    /** What there is of a connector. */
    private static final class Left {
        private final Set<String> tables = new TreeSet<>();
        private int objects;
    }

    private final ObjectNames names;
    private final InstallOptions options;
    private final Installation.Pause pause;
    private final Set<String> told = new HashSet<>();
    private final List<String> telling = new ArrayList<>();

    Leftovers(ObjectNames names, InstallOptions options, Installation.Pause pause) {
        this.names = names;
        this.options = options;
        this.pause = pause;
    }

    /**
     * Tells of them in the log, each time something new, and removes them if that is wanted.
     *
     * @param connection in autocommit
     * @return what has been told
     */
    synchronized List<String> tend(Connection connection) throws SQLException, InterruptedException {
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
                        tend(connection, others, entry.getValue(), lease, lease < row.getLong(2));
                    }
                }
            }
        }
        List<String> now = List.copyOf(telling);
        telling.clear();
        return now;
    }

    private void tend(Connection connection, ObjectNames others, Left left, long lease, boolean over)
            throws SQLException, InterruptedException {
        String what = "Connector " + others.connector() + " is not at work, and has left " + left.objects
                + " objects in schema " + names.schema()
                + (left.tables.isEmpty() ? "" : ", with triggers on " + String.join(", ", left.tables));
        String removal = "SELECT " + SqlText.identifier(names.schema(), UninstallFunction.NAME) + "("
                + SqlText.literal(others.connector()).strip() + ")";
        if (!over) {
            tell(what + ". It is trusted to come back until " + Instant.ofEpochSecond(lease) + "; if it will not, "
                    + removal + " removes it.");
        } else if (!options.cleanup()) {
            tell(what + ". Its lease is over: with cleanup=true this connector removes them, and so does " + removal
                    + ".");
        } else {
            remove(connection, others, what);
        }
    }

    private void remove(Connection connection, ObjectNames others, String what)
            throws SQLException, InterruptedException {
        try {
            Optional<String> obstacle = new Removal(others, options.lockTimeoutMs(), pause).attempt(connection);
            if (obstacle.isPresent()) {
                tell(what + ". They could not be removed yet: " + obstacle.get() + ".");
            } else {
                told.clear();
                tell(what + ". As its lease is over, they are removed.");
            }
        } catch (SQLException e) {
            if (connection.isClosed()) {
                throw e;
            }
            tell(what + ". They cannot be removed: " + Failure.of(e).message());
        }
    }

    private void tell(String text) {
        if (told.add(text)) {
            log.warn(text);
            telling.add(text);
        }
    }

    private Map<String, Left> find(Connection connection) throws SQLException {
        SchemaContents contents = SchemaContents.read(connection, names.schema());
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
