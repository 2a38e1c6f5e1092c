package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.install.objects.TriggerState;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the state of the watched tables, and stores the last one in the database. So a task detects changes that were
 * made without a trigger while no task was running. Reads catalogs only, by index, and takes no lock on any watched
 * table.
 */
final class Stamps {

    /**
     * The tables with the connector's triggers. A table whose TRUNCATE is announced may have new storage at any time.
     * A crash empties unlogged tables and resets the server's statistics.
     */
    private static final String TABLES = """
            SELECT c.oid::int8, c.oid::int8, %1$s, c.relkind = 'p', k.truncates
            FROM (SELECT t.tgrelid, bool_or(t.tgtype & 32 <> 0) AS truncates
                  FROM pg_namespace AS n
                  JOIN pg_proc AS f ON f.pronamespace = n.oid AND f.prorettype = 'trigger'::regtype
                  JOIN pg_description AS m ON m.objoid = f.oid AND m.classoid = 'pg_proc'::regclass AND m.objsubid = 0
                  JOIN pg_depend AS d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = f.oid
                                     AND d.classid = 'pg_trigger'::regclass
                  JOIN pg_trigger AS t ON t.oid = d.objid AND t.tgparentid = 0
                  WHERE n.nspname = %2$s AND starts_with(m.description, %3$s)
                  GROUP BY t.tgrelid) AS k
            JOIN pg_class AS c ON c.oid = k.tgrelid
            """;

    private static final String PARTITIONS = """
            WITH RECURSIVE k (root, truncates, oid) AS (
                SELECT r.root, r.truncates, r.root FROM unnest(?::oid[], ?::bool[]) AS r (root, truncates)
                UNION ALL
                SELECT k.root, k.truncates, i.inhrelid FROM k JOIN pg_inherits AS i ON i.inhparent = k.oid)
            SELECT c.oid::int8, k.root::int8, %s FROM k JOIN pg_class AS c ON c.oid = k.oid AND c.relispartition
            """;

    private static final String STORAGE = """
            hashtextextended(concat_ws(' ', CASE WHEN NOT k.truncates THEN c.relfilenode END,
                             CASE c.relpersistence WHEN 'u' THEN (SELECT date_part('epoch', stats_reset)
                                                                  FROM pg_stat_archiver) END), 0)""";

    private static final String STORED = "SELECT relation::int8, root::int8, storage, triggers FROM %s";

    private static final String FORGET = "DELETE FROM %s WHERE relation::int8 <> ALL (?)";

    private static final String STORE = """
            INSERT INTO %1$s AS w (relation, root, storage, triggers)
            SELECT n.relation, n.root, n.storage, n.triggers
            FROM unnest(?::oid[], ?::oid[], ?::int8[], ?::int8[]) AS n (relation, root, storage, triggers)
            ORDER BY n.relation
            ON CONFLICT (relation) DO UPDATE
                SET root = excluded.root, storage = excluded.storage, triggers = excluded.triggers
                WHERE (w.root, w.storage, w.triggers)
                      IS DISTINCT FROM (excluded.root, excluded.storage, excluded.triggers)
            """;

    private final ObjectNames names;

    Stamps(ObjectNames names) {
        this.names = names;
    }

    /** Reads the current state. */
    TableStates read(Connection connection) throws SQLException {
        Map<Long, Long> triggers = new HashMap<>();
        Map<Long, TableStates.Storage> storage = new HashMap<>();
        List<Long> partitioned = new ArrayList<>();
        List<Boolean> truncates = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery(TriggerState.sql(names))) {
                while (row.next()) {
                    triggers.put(row.getLong(1), row.getLong(2));
                }
            }
            try (ResultSet row = statement.executeQuery(TABLES.formatted(
                    STORAGE, SqlText.literal(names.schema()), SqlText.literal(Marker.beginning(names.connector()))))) {
                while (row.next()) {
                    storage.put(row.getLong(1), new TableStates.Storage(row.getLong(2), row.getLong(3)));
                    if (row.getBoolean(4)) {
                        partitioned.add(row.getLong(1));
                        truncates.add(row.getBoolean(5));
                    }
                }
            }
        }
        if (!partitioned.isEmpty()) {
            try (PreparedStatement statement = connection.prepareStatement(PARTITIONS.formatted(STORAGE))) {
                statement.setArray(1, connection.createArrayOf("int8", partitioned.toArray()));
                statement.setArray(2, connection.createArrayOf("bool", truncates.toArray()));
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        storage.put(row.getLong(1), new TableStates.Storage(row.getLong(2), row.getLong(3)));
                    }
                }
            }
        }
        return new TableStates(triggers, storage);
    }

    /** The state that was stored last; null if none is stored. */
    @Nullable
    TableStates stored(Connection connection) throws SQLException {
        if (!isThere(connection)) {
            return null;
        }
        Map<Long, Long> triggers = new HashMap<>();
        Map<Long, TableStates.Storage> storage = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(STORED.formatted(names.watched()))) {
            while (row.next()) {
                storage.put(row.getLong(1), new TableStates.Storage(row.getLong(2), row.getLong(3)));
                long look = row.getLong(4);
                if (!row.wasNull()) {
                    triggers.put(row.getLong(1), look);
                }
            }
        }
        return triggers.isEmpty() ? null : new TableStates(triggers, storage);
    }

    /**
     * It does not exist before the first installation. For a role that may not read it, a later check has a better
     * message.
     */
    private boolean isThere(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')"
                        + " FROM pg_namespace AS n JOIN pg_class AS c ON c.relnamespace = n.oid"
                        + " WHERE n.nspname = ? AND c.relname = ?")) {
            statement.setString(1, names.schema());
            statement.setString(2, names.watchedTable());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /** Replaces the stored state. {@code connection} is in autocommit mode. */
    void store(Connection connection, TableStates look) throws SQLException {
        List<Long> relations = new ArrayList<>();
        List<Long> roots = new ArrayList<>();
        List<Long> states = new ArrayList<>();
        List<Long> triggers = new ArrayList<>();
        look.storage().forEach((relation, storage) -> {
            relations.add(relation);
            roots.add(storage.root());
            states.add(storage.state());
            triggers.add(look.triggers().get(relation));
        });
        try (PreparedStatement forget = connection.prepareStatement(FORGET.formatted(names.watched()));
                PreparedStatement store = connection.prepareStatement(STORE.formatted(names.watched()))) {
            forget.setArray(1, connection.createArrayOf("int8", relations.toArray()));
            forget.execute();
            store.setArray(1, connection.createArrayOf("int8", relations.toArray()));
            store.setArray(2, connection.createArrayOf("int8", roots.toArray()));
            store.setArray(3, connection.createArrayOf("int8", states.toArray()));
            store.setArray(4, connection.createArrayOf("int8", triggers.toArray()));
            store.execute();
        }
    }
}
