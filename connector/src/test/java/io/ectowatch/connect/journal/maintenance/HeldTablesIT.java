package io.ectowatch.connect.journal.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Journal tables that cannot be emptied, since others hold them: that costs the room they take, and nothing else. */
class HeldTablesIT {

    private static final long LIMIT = 4 << 20;

    /** Whatever is held, the connector rotates when a table has an eighth of the limit; indexes come on top. */
    private static final long MUST_ROTATE = LIMIT / 6;

    private static final int ROW_BYTES = 1_000;
    private static final int ROWS = 100;

    private static final String[] SMALL = {
        "tables=users", "delivery.mode=durable", "journal.max.bytes=" + LIMIT, "doorbell=off"
    };

    private static final String JOURNAL =
            "FROM pg_class WHERE relkind = 'r' AND relname LIKE 'shop.journal.%' AND relnamespace = 'ectowatch'::regnamespace";

    @NewDatabase
    private TestDatabase database;

    private long written;
    private long largest;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id text PRIMARY KEY)");
    }

    @Test
    void anOpenTransactionKeepsOnlyTheTablesThatItHasWrittenTo() throws Exception {
        try (Watching watching = Watching.start(database, SMALL)) {
            Statement open = database.begin("INSERT INTO users VALUES ('open')");
            // The table that the transaction has written to, and the one that is written to.
            writeFor(3 * LIMIT / 2, watching, 2);
            assertNothingIsLost(watching);
            // The three were enough.
            assertThat(database.number("SELECT count(*) " + JOURNAL)).isEqualTo(3);
            open.execute("COMMIT");
            watching.changes(all -> Watching.describe(all.get(all.size() - 1)).endsWith("[open]"));
        }
    }

    @Test
    void anOpenTransactionAndADumpKeepOnlyTheTablesThatTheyHold() throws Exception {
        String role = "Held By " + database.name(); // needs quotes, as any role's name may
        database.execute(
                "CREATE ROLE \"" + role + "\" LOGIN",
                "GRANT CREATE ON DATABASE " + database.name() + " TO \"" + role + "\"",
                "GRANT TRIGGER ON users TO \"" + role + "\"");
        try (Watching watching = Watching.start(
                database,
                Stream.concat(Stream.of(SMALL), Stream.of("connection.user=" + role, "connection.password=any"))
                        .toArray(String[]::new))) {
            Statement open = database.begin("INSERT INTO users VALUES ('open')");
            Statement repeatable = database.begin("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            repeatable.execute("SELECT count(*) FROM users");
            Statement dump = database.begin("LOCK TABLE ectowatch.\"shop.journal.0\", ectowatch.\"shop.journal.1\","
                    + " ectowatch.\"shop.journal.2\" IN ACCESS SHARE MODE");
            writeFor(3 * LIMIT / 2, watching);
            assertNothingIsLost(watching);
            assertThat(database.number("SELECT count(*) " + JOURNAL)).isBetween(5L, 6L);

            // A snapshot from before the spare tables were made: they are written to all the same.
            repeatable.execute("INSERT INTO users VALUES ('repeatable'), ('read')");
            repeatable.execute("COMMIT");
            watching.changes(all -> Watching.describe(all.get(all.size() - 1)).endsWith("[read]"));
            open.execute("COMMIT");
            watching.changes(all -> Watching.describe(all.get(all.size() - 1)).endsWith("[open]"));

            dump.execute("COMMIT");
            await().until(() -> {
                watching.poll();
                watching.commit();
                return database.number("SELECT count(*) " + JOURNAL) == 3;
            });
            assertThat(database.number("SELECT last_value & 3 FROM ectowatch.\"shop.ring\""))
                    .isLessThan(3);
            watching.forget();
            database.execute("INSERT INTO users VALUES ('after')");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [after]");
        }
    }

    /** A task that is started while tables are held finds the spare ones, and what they hold. */
    @Test
    void theNextTaskReadsASpareTableAndDropsIt() throws Exception {
        Map<String, ?> offset;
        try (Watching watching = Watching.start(database, SMALL)) {
            Statement dump = database.begin("LOCK TABLE ectowatch.\"shop.journal.0\", ectowatch.\"shop.journal.1\","
                    + " ectowatch.\"shop.journal.2\" IN ACCESS SHARE MODE");
            while (database.number("SELECT count(*) " + JOURNAL) < 4) {
                writeFor(LIMIT / 16, watching);
            }
            offset = watching.lastOffset();
            dump.execute("COMMIT");
        }
        database.execute("SELECT setval('ectowatch.\"shop.spare\"', 3), setval('ectowatch.\"shop.ring\"', 3)");
        database.execute("INSERT INTO users VALUES ('between')");
        assertThat(database.number("SELECT count(*) FROM ectowatch.\"shop.journal.3\" WHERE body LIKE '%between%'"))
                .isEqualTo(1);
        try (Watching watching = Watching.resume(database, offset, SMALL)) {
            watching.changes(all -> watching.published().contains("public.users inserted [between]"));
            assertThat(resyncs(watching.received())).isZero();
            await().until(() -> {
                watching.poll();
                watching.commit();
                return database.number("SELECT count(*) " + JOURNAL) == 3;
            });
        }
    }

    /** Somebody has dropped the spare table that is written to: no statement fails, and consumers learn of it. */
    @Test
    void aDroppedSpareTableFailsNoStatement() throws Exception {
        Watching.start(database, SMALL).close();
        database.awaitNoTask();
        database.execute("SELECT setval('ectowatch.\"shop.spare\"', 3), setval('ectowatch.\"shop.ring\"', 3)");
        database.execute("INSERT INTO users VALUES ('lost'), ('too')", "INSERT INTO users VALUES ('lost as well')");
        assertThat(database.number("SELECT is_called::int FROM ectowatch.\"shop.lost\""))
                .isEqualTo(1);
        try (Watching watching = Watching.start(database, SMALL)) {
            watching.awaitResync();
            database.execute("INSERT INTO users VALUES ('after')");
            watching.changes(all -> watching.published().contains("public.users inserted [after]"));
        }
    }

    /** A trigger that has seen the ring before it was turned back writes to the spare table, which is still read. */
    @Test
    void aRowThatIsWrittenToASpareTableAfterTheRingHasTurnedIsRead() throws Exception {
        try (Watching watching = Watching.start(database, SMALL)) {
            Statement dump = database.begin("LOCK TABLE ectowatch.\"shop.journal.0\", ectowatch.\"shop.journal.1\","
                    + " ectowatch.\"shop.journal.2\" IN ACCESS SHARE MODE");
            while (database.number("SELECT last_value FROM ectowatch.\"shop.spare\"") == 0) {
                writeFor(LIMIT / 16, watching);
            }
            Statement slow = database.begin("INSERT INTO users VALUES ('slow')");
            dump.execute("COMMIT");
            await().until(() -> {
                watching.poll();
                watching.commit();
                return database.number("SELECT last_value & 3 FROM ectowatch.\"shop.ring\"") < 3;
            });
            long layout = database.number("SELECT max(id) FROM ectowatch.\"shop.layouts\"");
            slow.execute("SELECT ectowatch.\"shop.append\"(3, " + layout + ", 'i', '[\"late\"]', 0)");
            slow.execute("COMMIT");
            watching.changes(all -> watching.published().contains("public.users inserted [late]"));
        }
    }

    @Test
    void theLogNamesTheSessionsThatHoldTables() throws Exception {
        Watching.start(database, SMALL).close();
        database.awaitNoTask();
        database.begin("INSERT INTO users VALUES ('open')").execute("SET application_name = 'nightly report'");
        database.begin("INSERT INTO users VALUES ('prepared')").execute("PREPARE TRANSACTION 'forgotten'");
        database.begin("LOCK TABLE ectowatch.\"shop.journal.1\" IN ACCESS SHARE MODE");
        try (Connection connection = database.connect()) {
            TableHolders holders = new TableHolders(connection, new ObjectNames("shop", "ectowatch"));
            assertThat(holders.holders(List.of(0, 1, 2)))
                    .contains(
                            " of role postgres, application_name 'nightly report', idle in transaction, transaction since ",
                            "(RowExclusiveLock on journal table 0)",
                            "transaction prepared as 'forgotten' by role postgres, since ",
                            "(AccessShareLock on journal table 1)");
            assertThat(holders.holders(List.of(2))).isEmpty();
        }
        database.execute("ROLLBACK PREPARED 'forgotten'");
    }

    /** Writes so many bytes, of which each piece is read and committed before the next one. */
    private void writeFor(long bytes, Watching watching) throws Exception {
        writeFor(bytes, watching, Integer.MAX_VALUE);
    }

    /** As {@link #writeFor(long, Watching)}; no more than that many tables have rows when the next piece is written. */
    private void writeFor(long bytes, Watching watching, int tables) throws Exception {
        for (long done = 0; done < bytes; done += ROWS * ROW_BYTES) {
            long first = written;
            database.execute("DO $$ BEGIN FOR i IN 1.." + ROWS + " LOOP INSERT INTO users VALUES (" + first
                    + " + i || repeat('x', " + ROW_BYTES + ")); END LOOP; END $$");
            written += ROWS;
            // The connector keeps up, however slow the machine: it has rotated before the next piece is written, and
            // has
            // emptied what it can. While older transactions are open, the latter can take several tries.
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(() -> {
                watching.poll();
                watching.commit();
                return current() <= MUST_ROTATE
                        && database.number("SELECT count(*) " + JOURNAL + " AND pg_relation_size(oid) > 0") <= tables;
            });
            largest = Math.max(largest, database.number("SELECT sum(pg_total_relation_size(oid)) " + JOURNAL));
        }
    }

    private void assertNothingIsLost(Watching watching) throws Exception {
        watching.changes(all -> inserted(all) >= written || resyncs(all) > 0);
        assertThat(resyncs(watching.received())).isZero();
        assertThat(inserted(watching.received())).isEqualTo(written);
        assertThat(database.number("SELECT is_called::int FROM ectowatch.\"shop.lost\""))
                .isZero();
        assertThat(largest).isLessThan(LIMIT);
    }

    /** The size of the table that is written to; 0 while the journal is suspended. */
    private long current() throws SQLException {
        long table = database.number("SELECT last_value & 3 FROM ectowatch.\"shop.ring\"");
        if (table == 3) {
            table = database.number("SELECT last_value FROM ectowatch.\"shop.spare\"");
        }
        return database.number(
                "SELECT coalesce(pg_total_relation_size(to_regclass('ectowatch.\"shop.journal." + table + "\"')), 0)");
    }

    private static long inserted(List<Change> all) {
        return all.stream()
                .filter(change -> change.event() == Event.INSERTED
                        && Watching.describe(change).length() > 200)
                .count();
    }

    private static long resyncs(List<Change> all) {
        return all.stream().filter(change -> change.event() == Event.RESYNC).count();
    }
}
