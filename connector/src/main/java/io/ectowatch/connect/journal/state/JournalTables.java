package io.ectowatch.connect.journal.state;

import io.ectowatch.connect.install.objects.SpareTables;
import io.ectowatch.connect.postgres.SqlStates;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The existing journal tables: the ring's three, and additional ones that the task creates while transactions hold
 * locks on these. A table is listed before any trigger can write to it, and as long as it may have unread rows.
 */
public final class JournalTables {

    private static final Logger log = LoggerFactory.getLogger(JournalTables.class);

    private final Connection connection;
    private final ObjectNames names;
    private final OwnerFence fence;
    private boolean mayMake;
    private List<Integer> all;

    /**
     * Finds the existing tables.
     *
     * @param fence has been claimed: so no other task creates or drops tables
     * @param mayMake whether the task may create tables
     */
    public JournalTables(Connection connection, ObjectNames names, OwnerFence fence, boolean mayMake)
            throws SQLException {
        this.connection = connection;
        this.names = names;
        this.fence = fence;
        this.mayMake = mayMake;
        try (Statement statement = connection.createStatement()) {
            all = present(statement, names);
        }
    }

    /** The numbers of the existing tables. */
    static List<Integer> present(Statement statement, ObjectNames names) throws SQLException {
        List<Integer> found = new ArrayList<>();
        for (int table = 0; table < ObjectNames.JOURNAL_TABLES; table++) {
            found.add(table);
        }
        try (ResultSet row = statement.executeQuery(SpareTables.present(names))) {
            while (row.next()) {
                found.add(row.getInt(1));
            }
        }
        return List.copyOf(found);
    }

    /** Their numbers, in order; a new list after each change. */
    public List<Integer> all() {
        return all;
    }

    /** How many spare tables exist. */
    public int spare() {
        return all.size() - ObjectNames.JOURNAL_TABLES;
    }

    /** The highest number. */
    public int last() {
        return all.get(all.size() - 1);
    }

    public boolean mayMakeMore() {
        return mayMake && spare() < ObjectNames.SPARE_TABLES;
    }

    /** Creates a spare table; returns its number, or empty if that is not possible now. */
    public OptionalInt make() throws SQLException {
        int[] made = {0};
        boolean done = asOwner(statement -> {
            try (ResultSet row = statement.executeQuery(SpareTables.next(names))) {
                if (!row.next()) {
                    log.warn(
                            "Connector {} cannot create a spare journal table, because its role does not own the"
                                    + " connector's functions. While other transactions hold the journal's tables, the"
                                    + " journal can become full. Make the role the owner of these functions.",
                            names.connector());
                    mayMake = false;
                    return false;
                }
                made[0] = row.getInt(1);
            }
            for (String sql : SpareTables.create(names, made[0])) {
                statement.execute(sql);
            }
            return true;
        });
        if (!done) {
            return OptionalInt.empty();
        }
        List<Integer> more = new ArrayList<>(all);
        more.add(made[0]);
        more.sort(null);
        all = List.copyOf(more);
        log.info(
                "Connector {} created the spare journal table {}, because transactions hold locks on the existing tables.",
                names.connector(),
                names.journal(made[0]));
        return OptionalInt.of(made[0]);
    }

    /** Drops a spare table if it is empty; no transaction may still be about to write to it. */
    public boolean drop(int table) throws SQLException {
        String journal = names.journal(table);
        boolean done = asOwner(statement -> {
            statement.execute("LOCK TABLE " + journal + " IN ACCESS EXCLUSIVE MODE NOWAIT");
            try (ResultSet row = statement.executeQuery("SELECT FROM " + journal + " LIMIT 1")) {
                if (row.next()) {
                    return false;
                }
            }
            statement.execute("DROP TABLE " + journal);
            return true;
        });
        if (done) {
            all = all.stream().filter(other -> other != table).toList();
            log.info(
                    "Connector {} dropped the spare journal table {}, which is not needed any more.",
                    names.connector(),
                    journal);
        }
        return done;
    }

    private interface Work {
        boolean with(Statement statement) throws SQLException;
    }

    /** In one transaction that no later task can overtake; returns false if it did not happen. */
    private boolean asOwner(Work work) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL lock_timeout = '100ms'");
            boolean done = owns(statement) && work.with(statement);
            if (done) {
                connection.commit();
            }
            return done;
        } catch (SQLException e) {
            if (SqlStates.is(e, SqlStates.LOCK_NOT_AVAILABLE)) {
                return false;
            }
            throw e;
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private boolean owns(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(
                "SELECT FROM " + names.owner() + " WHERE token = '" + fence.token() + "' FOR SHARE")) {
            return row.next();
        }
    }
}
