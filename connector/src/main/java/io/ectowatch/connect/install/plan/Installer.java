package io.ectowatch.connect.install.plan;

import io.ectowatch.connect.postgres.Failure;
import io.ectowatch.connect.postgres.LockHolders;
import io.ectowatch.connect.postgres.SqlStates;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs steps. A step that cannot get its table lock at once is postponed, so that no writer queues behind it. */
public final class Installer {

    private static final Logger log = LoggerFactory.getLogger(Installer.class);

    /** Only one connector of a database installs at a time: connectors may share the schema. */
    static final String TAKE_TURNS = "SELECT pg_advisory_xact_lock(" + ObjectNames.INSTALL_KEY + ")";

    private static final String TRY_TURN = "SELECT pg_try_advisory_xact_lock(" + ObjectNames.INSTALL_KEY + ")";

    /** The longest wait for the turn without a check whether the task is stopping: Connect allows 5 s for a stop. */
    private static final int TURN_WAIT_MS = 2_000;

    private static final int TURN_ATTEMPTS = 5;

    /**
     * The OIDs of the partitions of tables, at any depth; one parameter. {@code pg_partition_tree} would wait for the lock
     * of each partition that another session has locked.
     */
    static final String PARTITIONS = """
            WITH RECURSIVE below (oid) AS (
                SELECT i.inhrelid FROM pg_inherits AS i WHERE i.inhparent = ANY (?::oid[])
                UNION
                SELECT i.inhrelid FROM below AS b JOIN pg_inherits AS i ON i.inhparent = b.oid)
            SELECT b.oid FROM below AS b JOIN pg_class AS p ON p.oid = b.oid WHERE p.relispartition""";

    /** The sessions that hold a conflicting lock on the tables, or on partitions of them. */
    private static final String HOLDERS = """
            SELECT l.virtualtransaction, %s
            FROM pg_locks AS l
            %s
            WHERE locktype = 'relation' AND granted AND l.pid IS DISTINCT FROM pg_backend_pid()
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND (relation = ANY (?::oid[])
                   OR relation IN (%s))
              AND mode = ANY (?)
            """.formatted(LockHolders.DESCRIPTION, LockHolders.JOINS, PARTITIONS);

    private record Holder(String transaction, String session) {}

    private final String schema;
    private final AdvisoryLock turns;
    private final int lockTimeoutMs;
    private final Pause pause;
    private boolean warnedOfStrangers;
    /** How often a step, by its purpose, has run out of time. */
    private final Map<String, Integer> outOfTime = new HashMap<>();

    /** @param schema the schema of the connector's objects */
    public Installer(String schema, int lockTimeoutMs, Pause pause) {
        this.schema = schema;
        this.turns = AdvisoryLock.install(schema);
        this.lockTimeoutMs = lockTimeoutMs;
        this.pause = pause;
    }

    /**
     * Runs the step unless its lock is not available.
     *
     * @return the obstacle, or empty if the step is done
     * @throws SQLException if it failed for another reason; then nothing of it remains
     */
    public Optional<String> run(Connection connection, Step step) throws SQLException, InterruptedException {
        if (step.lock() != Step.Lock.NONE) {
            Optional<String> obstacle = longHeldLock(connection, step);
            if (obstacle.isPresent()) {
                return obstacle;
            }
        }
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            Optional<String> obstacle = awaitTurn(connection, statement);
            if (obstacle.isPresent()) {
                return obstacle;
            }
            statement.execute("SET LOCAL lock_timeout = " + lockTimeoutMs);
            if (step.lock() == Step.Lock.NONE) {
                for (String sql : step.statements()) {
                    statement.execute(sql);
                }
            } else {
                LockBudget budget =
                        LockBudget.begin(connection, step, lockTimeoutMs, outOfTime.getOrDefault(step.purpose(), 0));
                for (String sql : step.statements()) {
                    budget.apply(statement);
                    statement.execute(sql);
                }
            }
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            boolean outOfTimeNow = SqlStates.is(e, SqlStates.QUERY_CANCELED);
            if (outOfTimeNow) {
                outOfTime.merge(step.purpose(), 1, Integer::sum);
            }
            if (outOfTimeNow
                    || SqlStates.is(e, SqlStates.LOCK_NOT_AVAILABLE)
                    || SqlStates.is(e, SqlStates.DEADLOCK_DETECTED)) {
                return Optional.of("no lock within " + lockTimeoutMs + " ms");
            }
            if (SqlStates.is(e, SqlStates.OBJECT_IN_USE)) {
                return Optional.of(Failure.of(e).message());
            }
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
        log.info("Installation in schema {}, done: {}.", schema, step.purpose());
        return Optional.empty();
    }

    /**
     * Begins a transaction in which no other connector installs. The wait holds no lock, so nobody queues behind it, and it
     * can be longer than that for a table: many connectors that start at once would otherwise all give up, read the
     * catalogs again, and so delay the one whose turn it is.
     *
     * @return the obstacle, or empty if it is this connector's turn
     */
    private Optional<String> awaitTurn(Connection connection, Statement statement)
            throws SQLException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                statement.execute("SET LOCAL lock_timeout = " + TURN_WAIT_MS);
                takeTurn(connection, statement);
                return Optional.empty();
            } catch (SQLException e) {
                connection.rollback();
                if (!SqlStates.is(e, SqlStates.LOCK_NOT_AVAILABLE)) {
                    throw e;
                }
                if (attempt == TURN_ATTEMPTS || !pause.forMillis(1)) {
                    return Optional.of("another installation is running ("
                            + turns.holders(connection).counting() + ")");
                }
            }
        }
    }

    /** Waits for other installations, but not for sessions whose role could not install anything here. */
    private void takeTurn(Connection connection, Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(TRY_TURN)) {
            row.next();
            if (row.getBoolean(1)) {
                return;
            }
        }
        AdvisoryLock.Holders holders = turns.holders(connection);
        if (!holders.areStrangers()) {
            statement.execute(TAKE_TURNS);
        } else if (!warnedOfStrangers) {
            warnedOfStrangers = true;
            log.warn(
                    "Installation in schema {}: a session of a role that cannot install anything holds the lock for"
                            + " installations: {}. Installing without the lock.",
                    schema,
                    holders.strangers());
        }
    }

    /**
     * While a lock request waits, every later writer waits behind it. So first check whether a session holds the
     * table for longer than the request would wait: then a request would fail, and only delay writers.
     */
    private Optional<String> longHeldLock(Connection connection, Step step) throws SQLException, InterruptedException {
        List<Holder> before = holders(connection, step);
        if (before.isEmpty()) {
            return Optional.empty();
        }
        if (!pause.forMillis(lockTimeoutMs)) {
            return Optional.of("the task is stopping");
        }
        List<Holder> still = holders(connection, step);
        still.retainAll(before);
        return still.isEmpty()
                ? Optional.empty()
                : Optional.of("a transaction holds a lock on the table ("
                        + still.stream().map(Holder::session).distinct().collect(Collectors.joining("; ")) + ")");
    }

    private static List<Holder> holders(Connection connection, Step step) throws SQLException {
        List<Holder> holders = new ArrayList<>();
        Array tables = connection.createArrayOf("int8", step.lockedTables().toArray());
        Array modes = connection.createArrayOf("text", step.lock().obstacles().toArray());
        try (PreparedStatement statement = connection.prepareStatement(HOLDERS)) {
            statement.setArray(1, tables);
            statement.setArray(2, tables);
            statement.setArray(3, modes);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    holders.add(new Holder(row.getString(1), row.getString(2)));
                }
            }
        }
        return holders;
    }
}
