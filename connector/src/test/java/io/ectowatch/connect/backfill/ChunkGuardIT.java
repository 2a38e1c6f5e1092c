package io.ectowatch.connect.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.backfill.Backfill.Cause;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The owner of a table may change it at any moment while it is read: none of the owner's code runs, and no row is left out. */
class ChunkGuardIT {

    private static final ObjectNames NAMES = new ObjectNames("shop", "ectowatch");
    private static final String ROLE = "owner_" + ProcessHandle.current().pid();

    /** Runs in transactions of the connector only, which are read-only. */
    private static final String EVIL = """
            CREATE FUNCTION evil(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$BEGIN
                IF current_setting('transaction_read_only') = 'on' THEN RAISE 'it has run'; END IF;
                RETURN 1;
            END$$""";

    private TestDatabase database;
    private Connection owner;
    private Statement owning;
    private Connection reading;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    @BeforeEach
    void tables() throws Exception {
        database = TestDatabase.create();
        database.execute(
                "CREATE ROLE " + ROLE,
                "GRANT ALL ON SCHEMA public TO " + ROLE,
                "SET ROLE " + ROLE,
                "CREATE TABLE items (id int PRIMARY KEY, n int)",
                "INSERT INTO items SELECT n, 0 FROM generate_series(1, 30) AS n",
                "CREATE TABLE parts (id int PRIMARY KEY, n int) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (10)",
                "CREATE TABLE parts_2 PARTITION OF parts DEFAULT",
                "INSERT INTO parts SELECT n, 0 FROM generate_series(1, 30) AS n",
                EVIL,
                "RESET ROLE");
        owner = database.connect();
        owning = owner.createStatement();
        owning.execute("SET ROLE " + ROLE);
        reading = database.connect();
    }

    @AfterEach
    void close() throws Exception {
        thread.shutdownNow();
        owner.close();
        reading.close();
        database.execute("DROP OWNED BY " + ROLE + " CASCADE", "DROP ROLE " + ROLE);
        database.close();
    }

    private Future<Chunk> readingBlocks(String name) throws SQLException {
        WatchedTable table = ReadTable.of(reading, name);
        ChunkReader reader = new ChunkReader(reading, NAMES, ReadAccess.OWN);
        try (Statement statement = reading.createStatement()) {
            statement.execute("SET lock_timeout = 0; SET statement_timeout = 0");
        }
        owning.execute("BEGIN; LOCK TABLE " + name + " IN ACCESS EXCLUSIVE MODE");
        Backfill all = new Backfill("x", table.shape().name(), Cause.CALL, null);
        Future<Chunk> chunk = thread.submit(() -> reader.next(all, table, ChunkLimits.ALONE));
        try (Connection looking = database.connect()) {
            await().until(() -> !ReadTable.rows(
                            looking,
                            "SELECT pid FROM pg_locks WHERE NOT granted AND relation = "
                                    + table.shape().oid())
                    .isEmpty());
        }
        return chunk;
    }

    @Test
    void anIndexThatIsCommittedWhileTheReaderWaitsForTheTableIsFound() throws Exception {
        for (String name : List.of("items", "parts")) {
            Future<Chunk> chunk = readingBlocks(name);
            owning.execute("CREATE INDEX ON " + name + " ((n + evil(1))); COMMIT");

            assertThatThrownBy(chunk::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(BackfillFailedException.class)
                    .hasMessageContaining("evil(integer), which a role owns");
        }
    }

    @Test
    void statisticsThatAreCommittedWhileTheReaderWaitsForTheTableAreFound() throws Exception {
        Future<Chunk> chunk = readingBlocks("items");
        owning.execute("CREATE STATISTICS s ON (n + evil(1)), n FROM items; COMMIT");

        assertThatThrownBy(chunk::get).hasMessageContaining("evil(integer), which a role owns");
    }

    @Test
    void aTableThatIsRewrittenWhileTheReaderWaitsForItIsReadWhole() throws Exception {
        for (String name : List.of("items", "parts")) {
            Future<Chunk> chunk = readingBlocks(name);
            owning.execute("ALTER TABLE " + name + " ALTER n TYPE bigint; COMMIT");

            assertThat(chunk.get().rows()).as(name).hasSize(30);
        }
    }

    @Test
    void aKeyThatIsRetypedWhileTheReaderWaitsForTheTableEndsIt() throws Exception {
        Future<Chunk> chunk = readingBlocks("items");
        owning.execute("ALTER TABLE items ALTER id TYPE bigint; COMMIT");

        assertThatThrownBy(chunk::get).hasMessageContaining("its primary key was changed");
    }

    @Test
    void nobodyCreatesAnIndexBetweenTheCheckAndTheReading() throws Exception {
        for (String name : List.of("items", "parts")) {
            WatchedTable table = ReadTable.of(reading, name);
            ChunkGuard guard = new ChunkGuard(reading, table, KeyOrder.read(reading, table), ReadAccess.OWN);
            try (Statement statement = reading.createStatement()) {
                statement.execute("BEGIN READ ONLY; PREPARE analysed AS SELECT id FROM " + name);
                guard.lock(statement);
                assertThat(guard.check(statement)).isPositive();
                owning.execute("SET lock_timeout = 50");

                for (String one : name.equals("items") ? List.of("items") : List.of("parts", "parts_2")) {
                    assertThatThrownBy(() -> owning.execute("CREATE INDEX ON " + one + " ((n + evil(1)))"))
                            .as(one)
                            .hasMessageContaining("lock timeout");
                }
                owning.execute("INSERT INTO " + name + " VALUES (31, 0); UPDATE " + name + " SET n = 1");
                statement.execute("ROLLBACK; DEALLOCATE ALL");
            }
        }
    }

    @Test
    void aPartitionThatIsAttachedAfterTheLockingDelaysTheReading() throws Exception {
        owning.execute("DROP TABLE parts_2");
        WatchedTable table = ReadTable.of(reading, "parts");
        ChunkGuard guard = new ChunkGuard(reading, table, KeyOrder.read(reading, table), ReadAccess.OWN);
        try (Statement statement = reading.createStatement()) {
            statement.execute("BEGIN READ ONLY; PREPARE analysed AS SELECT id FROM parts");
            guard.lock(statement);
            owning.execute("CREATE TABLE more (id int PRIMARY KEY, n int)");
            owning.execute("ALTER TABLE parts ATTACH PARTITION more DEFAULT");

            assertThat(guard.check(statement)).isNegative();
            statement.execute("ROLLBACK");
        }
    }

    private static void begin(Statement statement) throws SQLException {
        statement.execute("BEGIN READ ONLY; PREPARE analysed AS SELECT id FROM public.items");
    }

    @Test
    void aSchemaThatIsRenamedForAMomentWhileTheTableIsLockedDelaysTheReading() throws Exception {
        database.execute(
                "CREATE SCHEMA other AUTHORIZATION " + ROLE,
                "CREATE TABLE other.items (id int PRIMARY KEY, n int)",
                "ALTER SCHEMA public OWNER TO " + ROLE,
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + ROLE);
        WatchedTable table = ReadTable.of(reading, "items");
        ChunkGuard guard = new ChunkGuard(reading, table, KeyOrder.read(reading, table), ReadAccess.OWN);
        try (Statement statement = reading.createStatement()) {
            for (boolean proved : new boolean[] {false, true}) {
                begin(statement);
                owning.execute("ALTER SCHEMA public RENAME TO away; ALTER SCHEMA other RENAME TO public");
                guard.lock(statement);
                owning.execute("ALTER SCHEMA public RENAME TO other; ALTER SCHEMA away RENAME TO public");

                assertThat(guard.check(statement)).as("proved: " + proved).isNegative();
                statement.execute("ROLLBACK; DEALLOCATE ALL");
                guard.forget();

                begin(statement);
                guard.lock(statement);
                assertThat(guard.check(statement)).isPositive();
                statement.execute("ROLLBACK; DEALLOCATE ALL");
                guard.forget();
            }
        }
    }

    @Test
    void theLocksOfAllSessionsAreReadOnlyForTheFirstChunkAndAfterTheCatalogsHaveChanged() throws Exception {
        for (String name : List.of("items", "parts")) {
            WatchedTable table = ReadTable.of(reading, name);
            try (Connection session = database.connect();
                    Statement statement = session.createStatement()) {
                statement.execute("SET ROLE " + ROLE);
                ChunkReader reader = new ChunkReader(session, NAMES, ReadAccess.OWN, 10);
                statement.execute("SET lock_timeout = 0; SET statement_timeout = 0");
                Backfill all = new Backfill("x", table.shape().name(), Cause.CALL, null);
                Chunk first = reader.next(all, table, ChunkLimits.ALONE);
                database.execute("REVOKE SELECT ON pg_catalog.pg_locks FROM PUBLIC");

                Chunk second = reader.next(all.after(first), table, ChunkLimits.ALONE);
                assertThat(second.rows()).as(name).hasSize(10);

                owning.execute("GRANT SELECT ON " + name + " TO PUBLIC");
                assertThatThrownBy(() -> reader.next(all.after(first).after(second), table, ChunkLimits.ALONE))
                        .as(name)
                        .hasMessageContaining("pg_locks");
                database.execute("GRANT SELECT ON pg_catalog.pg_locks TO PUBLIC");
            }
        }
    }
}
