package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.FaultyProxy;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A session that ends while the task lives: the next one goes on where it was, with no change lost and none doubled. */
class LostConnectionIT {

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    @Test
    void aSessionThatIsTerminatedInItsSleepIsFollowedByAnother() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            for (int id = 1; id <= 5; id++) {
                awaitArmed(watching);
                database.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND application_name LIKE 'ectowatch %'",
                        "INSERT INTO users VALUES (" + id + ")");
                watching.changes(id);
            }
            database.execute("INSERT INTO users VALUES (6)");
            watching.changes(6);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [1]",
                            "public.users inserted [2]",
                            "public.users inserted [3]",
                            "public.users inserted [4]",
                            "public.users inserted [5]",
                            "public.users inserted [6]");
        }
    }

    /** Of the locked table changes may be missing, since its triggers come late. That says nothing of other tables. */
    @Test
    void aSessionThatEndsBeforeAnythingIsInstalledAnnouncesNoLossOfAllTables() throws Exception {
        Statement holder = database.begin("LOCK TABLE users IN SHARE MODE");
        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.begin(database, "tables=users")) {
            awaitConnects(watching, 1);
            database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                    + " current_database() AND application_name LIKE 'ectowatch %'");
            awaitConnects(watching, 2);
            holder.execute("ROLLBACK");
            watching.awaitInstalled();
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(all -> watching.published().contains("public.users inserted [1]"));
            assertThat(watching.published()).containsExactly("public.users resync", "public.users inserted [1]");
            assertThat(log.text()).doesNotContain("Changes may have been lost");
        }
    }

    private static void awaitConnects(Watching watching, int count) {
        await().until(() -> {
            watching.poll();
            return watching.metrics().connects() == count;
        });
    }

    /** As a DBA does by mistake. */
    @Test
    void aStatementThatIsCanceledOnceIsRepeated() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            Statement other = database.begin("LOCK TABLE ectowatch.\"shop.journal.0\"");
            await().until(() -> {
                watching.poll();
                return database.number("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE datname ="
                                + " current_database() AND application_name LIKE 'ectowatch %' AND wait_event_type ="
                                + " 'Lock'")
                        > 0;
            });
            other.execute("ROLLBACK");
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
            assertThat(watching.metrics().connects()).isEqualTo(2);
        }
    }

    /** The server does not know, and keeps the bell's lock for it: so the next session cannot sleep, and looks. */
    @Test
    void aConnectionThatNobodyAnswersOnAnyMoreIsNoticedInItsSleepAndReplaced() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(database.host(), database.port());
                Watching watching = Watching.start(
                        database,
                        "tables=users",
                        "connection.timeout.ms=1000",
                        "connection.url=jdbc:postgresql://localhost:" + proxy.port() + "/" + database.name())) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            awaitArmed(watching);
            proxy.swallowEverything();
            database.execute("INSERT INTO users VALUES (2)");
            await().until(() -> {
                watching.poll();
                return !watching.source().settled();
            });
            proxy.heal();

            watching.changes(2);
            database.execute("INSERT INTO users VALUES (3)");
            watching.changes(3);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [1]", "public.users inserted [2]", "public.users inserted [3]");
        }
    }

    /** Connect gives a task five seconds to stop, and then leaves it behind as a zombie. */
    @Test
    void stoppingDoesNotWaitForADeadNetwork() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(database.host(), database.port())) {
            Watching watching = Watching.start(
                    database,
                    "tables=users",
                    "connection.timeout.ms=60000", // whatever waits for the network waits for so long
                    "connection.url=jdbc:postgresql://localhost:" + proxy.port() + "/" + database.name());
            awaitArmed(watching);
            proxy.swallowEverything();

            Thread stop = new Thread(watching::close);
            stop.start();
            stop.join(30_000);
            assertThat(stop.isAlive()).isFalse();
        }
    }

    private void awaitArmed(Watching watching) {
        await().until(() -> {
            watching.poll();
            return ring();
        });
    }

    /** Whether the task sleeps. */
    private boolean ring() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT last_value & 4 <> 0 FROM ectowatch.\"shop.ring\"")) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
