package io.ectowatch.connect.journal.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.journal.state.JournalTables;
import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A journal table is locked for a moment only, however large it is, and no late row is lost. */
class EmptyingIT {

    private static final String[] DURABLE = {"tables=users", "delivery.mode=durable", "doorbell=off"};

    private static final int ROWS = 30_000;

    @NewDatabase
    private TestDatabase database;

    private Statement dump;
    private Emptier.Left left;
    private JournalPosition committed;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    @Test
    void itsRowsAreCheckedBeforeItIsLockedAndNotUnderTheLock() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            dump = database.begin("LOCK TABLE ectowatch.\"shop.journal.0\" IN ACCESS SHARE MODE");
            fillTheFirstTable(watching);
            await().until(() -> {
                watching.poll();
                watching.commit();
                return read() > 0 && read() >= written();
            });
            dump.execute("COMMIT");
            await().until(() -> {
                watching.poll();
                return rows() == 0;
            });
            // The counters of the session that emptied it are there as soon as those of what it read later are.
            database.execute("INSERT INTO users VALUES (-1)");
            await().until(() -> {
                watching.poll();
                return database.number("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables"
                                + " WHERE relname = 'shop.journal.1'")
                        > 0;
            });
            assertThat(read()).isEqualTo(written());
        }
    }

    /** It had read where to write before triggers turned to another table, and stood still. */
    @Test
    void aLateRowOfATransactionThatWasOpenIsFoundUnderTheLock() throws Exception {
        try (Connection connection = database.connect()) {
            Statement slow = database.begin("SELECT pg_current_xact_id()");
            String place =
                    "'" + database.column("SELECT pg_current_wal_insert_lsn()").get(0) + "'";
            Emptier emptier = aTableThatCouldBeEmptiedButForADump(connection);
            write(slow, place);
            slow.execute("COMMIT");
            assertTheLateRowIsKept(emptier);
        }
    }

    @Test
    void aLateRowOfATransactionThatBeganAfterTheCheckIsFoundUnderTheLock() throws Exception {
        try (Connection connection = database.connect()) {
            Emptier emptier = aTableThatCouldBeEmptiedButForADump(connection);
            try (Connection other = database.connect();
                    Statement late = other.createStatement()) {
                write(late, "pg_current_wal_insert_lsn()");
            }
            assertTheLateRowIsKept(emptier);
        }
    }

    @Test
    void aTableThatIsRewrittenAfterItsCheckIsCheckedAgain() throws Exception {
        try (Connection connection = database.connect()) {
            Emptier emptier = aTableThatCouldBeEmptiedButForADump(connection);
            dump.execute("COMMIT");
            database.execute("VACUUM FULL ectowatch.\"shop.journal.0\"");
            assertThat(emptier.empty(0, left, committed, xmin())).isFalse();
            assertThat(rows()).isGreaterThan(0);
            assertThat(emptier.empty(0, left, committed, xmin())).isFalse();
            assertThat(rows()).isZero();
        }
    }

    /** A statement that began before the turn may be about to write; it waits for a twentieth of its time at most. */
    @Test
    void aTransactionThatIsOpenForLongDelaysTheEmptyingAndDoesNotPreventIt() throws Exception {
        try (Connection connection = database.connect()) {
            database.begin("SELECT pg_current_xact_id()");
            Emptier emptier = aTableThatCouldBeEmptiedButForADump(connection);
            dump.execute("COMMIT");
            emptier.empty(0, left, committed, xmin());
            assertThat(rows()).isGreaterThan(0);
            left = new Emptier.Left(left.at() - Duration.ofHours(1).toNanos(), left.openBelow(), left.written());
            emptier.forget(0);
            emptier.empty(0, left, committed, xmin());
            assertThat(rows()).isZero();
            assertThat(database.number(
                            "SELECT count(*) FROM ectowatch.\"shop.owner\" WHERE emptied_at > now() - interval '1h'"))
                    .isEqualTo(1);
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SHOW statement_timeout")) {
                row.next();
                assertThat(row.getString(1)).isEqualTo("0");
            }
        }
    }

    /** All is committed, and found to be, as far as that can be. */
    private Emptier aTableThatCouldBeEmptiedButForADump(Connection connection) throws Exception {
        Watching.start(database, DURABLE).close();
        database.awaitNoTask();
        database.execute("INSERT INTO users VALUES (1)", "SELECT setval('ectowatch.\"shop.ring\"', 1)");
        ObjectNames names = new ObjectNames("shop", "ectowatch");
        OwnerFence fence = new OwnerFence(names);
        fence.claim(connection);
        committed = everything();
        JournalMaintenance maintenance = new JournalMaintenance(
                connection, names, fence, new JournalTables(connection, names, fence, true), 60_000, 1 << 30);
        left = maintenance.now();
        dump = database.begin("LOCK TABLE ectowatch.\"shop.journal.0\" IN ACCESS SHARE MODE");
        Emptier emptier = new Emptier(connection, names, fence, new TableHolders(connection, names));
        assertThat(emptier.empty(0, left, committed, xmin())).isFalse();
        assertThat(rows()).isGreaterThan(0);
        return emptier;
    }

    private void assertTheLateRowIsKept(Emptier emptier) throws Exception {
        dump.execute("COMMIT");
        for (int i = 0; i < 3; i++) {
            assertThat(emptier.empty(0, left, committed, xmin())).isFalse();
            assertThat(rows()).isGreaterThan(0);
        }
        assertThat(emptier.empty(0, left, everything(), xmin())).isFalse();
        assertThat(rows()).isZero();
    }

    private static void write(Statement writer, String place) throws SQLException {
        writer.execute("INSERT INTO ectowatch.\"shop.journal.0\" (lsn, layout, event, body) VALUES (" + place
                + ", 1, 'I', '[-1]')");
    }

    /** All that has been committed in the database. */
    private JournalPosition everything() throws SQLException {
        XidSnapshot now = XidSnapshot.parse(
                database.column("SELECT pg_current_snapshot()").get(0));
        return new JournalPosition("any", now, now, 0, 0, 0, 0);
    }

    private long xmin() throws SQLException {
        return database.number("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::int8");
    }

    /** And lets triggers write to the second one. */
    private void fillTheFirstTable(Watching watching) throws Exception {
        database.execute("DO $$ BEGIN FOR i IN 1.." + ROWS + " LOOP INSERT INTO users VALUES (i); END LOOP; END $$");
        watching.changes(ROWS);
        await().until(() -> {
            watching.poll();
            return database.number("SELECT last_value & 3 FROM ectowatch.\"shop.ring\"") == 1;
        });
    }

    private long written() throws SQLException {
        return database.number("SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'shop.journal.0'");
    }

    /** How many rows were read without an index. */
    private long read() throws SQLException {
        return database.number("SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'shop.journal.0'");
    }

    private long rows() throws SQLException {
        return database.number("SELECT pg_relation_size('ectowatch.\"shop.journal.0\"')");
    }
}
