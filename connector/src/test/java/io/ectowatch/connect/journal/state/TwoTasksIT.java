package io.ectowatch.connect.journal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.journal.maintenance.JournalMaintenance;
import io.ectowatch.connect.journal.wake.Doorbell;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.protocol.RingBits;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A task that Connect has replaced, and that has not noticed yet: it must not get in the way of its successor. */
class TwoTasksIT {

    private static final String[] DURABLE = {"tables=users", "delivery.mode=durable"};
    private static final ObjectNames NAMES = new ObjectNames("shop", "ectowatch");

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void twoTables() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)", "CREATE TABLE other (id int PRIMARY KEY)");
    }

    @Test
    void theEarlierOneEndsAndSaysWhy() throws Exception {
        try (Watching earlier = Watching.start(database, DURABLE);
                Watching later = Watching.start(database, DURABLE)) {
            assertEnds(earlier);
            database.execute("INSERT INTO users VALUES (1)");
            later.changes(1);
            assertThat(later.published()).containsExactly("public.users inserted [1]");
        }
    }

    /** Connect may have paused it, or be slow to ask: it has to end all the same. */
    @Test
    void theEarlierOneEndsAlsoWhenNobodyAsksItForAnything() throws Exception {
        try (Watching earlier = Watching.start(database, DURABLE);
                Watching later = Watching.start(database, DURABLE)) {
            later.changes(all -> oneIsLeft());
            assertThat(earlier.published()).isEmpty();
        }
    }

    /** The earlier one does not know what the later one's rows hold. An offset beyond them would hide them for ever. */
    @Test
    void theEarlierOnePassesOverNothingThatOnlyTheLaterOneUnderstands() throws Exception {
        try (Watching earlier = Watching.start(database, DURABLE);
                Watching later = Watching.start(database, "tables=users, other", "delivery.mode=durable")) {
            database.execute("INSERT INTO other VALUES (1)", "INSERT INTO users VALUES (1)");
            assertEnds(earlier);
            assertThat(earlier.published()).isEmpty();
            later.changes(2);
            assertThat(later.published()).containsSubsequence("public.other inserted [1]", "public.users inserted [1]");
        }
    }

    @Test
    void theLaterOneGoesOnFromWhatTheEarlierOneHasCommittedWhateverThatReadsMeanwhile() throws Exception {
        Map<String, ?> offset;
        try (Watching earlier = Watching.start(database, DURABLE)) {
            database.execute("INSERT INTO users VALUES (1)");
            offset = lastOffsetOf(earlier, 1);
            database.execute("INSERT INTO users VALUES (2)");
            earlier.changes(2);
            try (Watching later = Watching.resume(database, offset, DURABLE)) {
                earlier.commit();
                database.execute("SELECT setval('ectowatch.\"shop.ring\"', 1)", "INSERT INTO users VALUES (3)");
                assertEnds(earlier);
                later.changes(2);
                assertThat(later.published()).containsExactly("public.users inserted [2]", "public.users inserted [3]");
            }
        }
    }

    @Test
    void aJournalThatHasBeenSuspendedIsNotTurnedByWhoDoesNotKnowThatYet() throws Exception {
        Watching.start(database, DURABLE).close();
        try (Connection connection = database.connect()) {
            OwnerFence owner = new OwnerFence(NAMES);
            owner.claim(connection);
            JournalMaintenance maintenance = maintenance(connection, owner);
            database.execute("SELECT setval('ectowatch.\"shop.ring\"', 3)");
            maintenance.rotate(0, 1);
            assertThat(database.number("SELECT last_value FROM ectowatch.\"shop.ring\""))
                    .isEqualTo(3);

            database.execute("SELECT setval('ectowatch.\"shop.ring\"', 4)");
            maintenance.rotate(0, 1);
            assertThat(database.number("SELECT last_value FROM ectowatch.\"shop.ring\""))
                    .isEqualTo(1);
        }
    }

    private static JournalMaintenance maintenance(Connection connection, OwnerFence owner) throws SQLException {
        return new JournalMaintenance(
                connection, NAMES, owner, new JournalTables(connection, NAMES, owner, true), 60_000, 1 << 30);
    }

    @Test
    void theEarlierOneNeitherTurnsNorEmptiesTheJournal() throws Exception {
        Watching.start(database, DURABLE).close();
        database.execute("INSERT INTO users VALUES (1)");
        try (Connection connection = database.connect()) {
            OwnerFence earlier = new OwnerFence(NAMES);
            earlier.claim(connection);
            JournalMaintenance maintenance = maintenance(connection, earlier);
            new OwnerFence(NAMES).claim(connection);

            maintenance.rotate(0, 1);
            assertThat(database.number("SELECT last_value FROM ectowatch.\"shop.ring\""))
                    .isZero();
            database.execute("SELECT setval('ectowatch.\"shop.ring\"', 1)");
            JournalPosition everything = new JournalPosition("any", all(), all(), 0, 0, 0, 0);
            assertThatThrownBy(() -> maintenance.runDueTasks(1, Long.MAX_VALUE, everything))
                    .isInstanceOf(ConnectException.class);
            assertThat(database.number("SELECT count(*) FROM ectowatch.\"shop.journal.0\""))
                    .isEqualTo(1);

            OwnerFence latest = new OwnerFence(NAMES);
            latest.claim(connection);
            maintenance(connection, latest).runDueTasks(1, Long.MAX_VALUE, everything);
            assertThat(database.number("SELECT count(*) FROM ectowatch.\"shop.journal.0\""))
                    .isZero();
        }
    }

    @Test
    void theEarlierOneCannotSilenceTheLaterOnesBell() throws Exception {
        Watching.start(database, DURABLE).close();
        try (Connection one = database.connect();
                Connection two = database.connect()) {
            OwnerFence earlier = new OwnerFence(NAMES);
            earlier.claim(one);
            Doorbell old = new Doorbell(one, NAMES, earlier.token());
            old.arm();
            OwnerFence later = new OwnerFence(NAMES);
            later.claim(two);
            Doorbell bell = new Doorbell(two, NAMES, later.token());
            assertThat(bell.arm()).as("while the earlier one sleeps").isFalse();
            old.disarm();
            assertThat(bell.arm()).isTrue();
            assertThat(old.arm()).isFalse();
            old.disarm();
            assertThat(database.number("SELECT last_value FROM ectowatch.\"shop.ring\""))
                    .isEqualTo(RingBits.ASLEEP);
            bell.disarm();
            assertThat(database.number("SELECT last_value FROM ectowatch.\"shop.ring\""))
                    .isZero();
        }
    }

    @Test
    void aBellThatAnotherHoldsIsLeftAsItIs() throws Exception {
        Watching.start(database, DURABLE).close();
        try (Connection one = database.connect();
                Connection two = database.connect();
                Statement holding = two.createStatement()) {
            OwnerFence owner = new OwnerFence(NAMES);
            owner.claim(one);
            holding.execute("SELECT pg_advisory_lock(" + NAMES.bellKey() + ")");
            Doorbell bell = new Doorbell(one, NAMES, owner.token());
            assertThat(bell.arm()).isFalse();
            assertThat(database.number("SELECT last_value FROM ectowatch.\"shop.ring\""))
                    .isZero();
        }
    }

    private static XidSnapshot all() {
        return new XidSnapshot(Long.MAX_VALUE / 2, Long.MAX_VALUE / 2, new long[0]);
    }

    private static Map<String, ?> lastOffsetOf(Watching watching, int count) {
        watching.changes(count);
        return watching.lastOffset();
    }

    private static void assertEnds(Watching watching) {
        assertThatThrownBy(() -> watching.changes(Integer.MAX_VALUE))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("Another task has taken over the journal of connector shop");
    }

    private boolean oneIsLeft() {
        try {
            return database.number(
                            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ectowatch shop listen'"
                                    + " AND datname = current_database()")
                    == 1;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
