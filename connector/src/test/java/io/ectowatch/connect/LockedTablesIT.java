package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A table or partition that is locked delays its own triggers, and no record of another table. */
class LockedTablesIT {

    /** What DDL on the partition, or a query that has to open it, waits for. */
    private static final String WAITING_FOR_PARTITION =
            "SELECT count(*) FROM pg_locks WHERE relation = 'logs_1'::regclass AND NOT granted";

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** In a second. Sessions report about once a second how many they have run. */
    private static final long MOST_STATEMENTS = 80;

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void someTables() throws Exception {
        database.execute("CREATE TABLE accounts (id int PRIMARY KEY)", "CREATE TABLE users (id int PRIMARY KEY)");
    }

    private void makePartitions() throws Exception {
        database.execute(
                "CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void aPartitionThatIsLockedAtTheStartStallsNoRecordOfAnotherTable(String delivery) throws Exception {
        makePartitions();
        Statement holding = database.begin("LOCK TABLE logs_1 IN ACCESS EXCLUSIVE MODE");
        try (CapturedLog log = new CapturedLog();
                Watching watching =
                        Watching.begin(database, "delivery.mode=" + delivery, "tables=accounts, logs, users")) {
            await().until(() -> triggers("accounts") > 0);
            database.execute("INSERT INTO accounts VALUES (1)");
            watching.changes(all -> watching.published().contains("public.accounts inserted [1]"));
            await().until(() -> triggers("users") > 0);
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(all -> watching.published().contains("public.users inserted [1]"));
            assertThat(triggers("logs")).isZero();
            await().until(() -> log.text().contains("install triggers on public.logs: "));

            holding.execute("ROLLBACK");
            watching.awaitInstalled();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void aPartitionThatIsLockedWhileTheTaskRunsStallsNoRecordOfAnotherTable(String delivery) throws Exception {
        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.start(
                        database, "delivery.mode=" + delivery, "tables=*", "table.poll.interval.ms=1000")) {
            // As a migration does: so nobody can make triggers in between.
            Statement holding = database.begin("SELECT");
            makePartitions();
            holding.execute("LOCK TABLE logs_1 IN ACCESS EXCLUSIVE MODE");
            await().until(() -> log.text().contains("install triggers on public.logs: ")
                    || database.number(WAITING_FOR_PARTITION) > 0);

            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(all -> watching.published().contains("public.users inserted [1]"));

            holding.execute("ROLLBACK");
            await().until(() -> triggers("logs") > 0);
        }
    }

    /** However long that is: records go on being read. */
    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void recordsOfOtherTablesArriveWhileTheInstallationLooksWhoHoldsATable(String delivery) throws Exception {
        database.begin("LOCK TABLE users IN SHARE MODE");
        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.begin(
                        database, "delivery.mode=" + delivery, "tables=accounts, users", "ddl.lock.timeout.ms=5000")) {
            await().until(() -> triggers("accounts") > 0);
            database.execute("INSERT INTO accounts VALUES (1)");
            watching.changes(all -> watching.published().contains("public.accounts inserted [1]"));
            assertThat(log.text()).doesNotContain("install triggers on public.users: ");
        }
    }

    @Test
    void aTaskRunsFewStatementsWhileATableStaysLocked() throws Exception {
        String statements = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
        database.begin("LOCK TABLE users IN SHARE MODE");
        try (Watching watching = Watching.begin(database, "tables=accounts, users")) {
            await().until(() -> triggers("accounts") > 0);
            AtomicLong before = new AtomicLong(Long.MIN_VALUE / 2);
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> {
                long begun = System.nanoTime();
                while (System.nanoTime() - begun < SECOND.toNanos()) {
                    watching.poll(); // while nobody polls, the task rests anyhow
                }
                long now = database.number(statements);
                return now - before.getAndSet(now) < MOST_STATEMENTS;
            });
            database.execute("INSERT INTO accounts VALUES (1)");
            watching.changes(all -> watching.published().contains("public.accounts inserted [1]"));
        }
    }

    private long triggers(String table) throws Exception {
        return database.number("SELECT count(*) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
                + " WHERE c.relname = '" + table + "' AND NOT t.tgisinternal");
    }
}
