package io.ectowatch.connect.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.WorkerOptions;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.FaultyProxy;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is published when changes may have been missed; nothing else goes wrong then. */
class ContinuityIT {

    private static final String KILL_LISTENER =
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ectowatch shop listen'"
                    + " AND datname = current_database()";

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void twoTables() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)", "CREATE TABLE posts (id int PRIMARY KEY)");
    }

    @Test
    void aFirstStartHasNothingToResync() throws Exception {
        try (Watching watching = Watching.start(database, Watching.NOTIFY, "tables=users, posts")) {
            database.execute("INSERT INTO users VALUES (1)");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
        }
    }

    @Test
    void aRestartAnnouncesThatItMayHaveMissedSomethingOfEveryTable() throws Exception {
        Watching.start(database, Watching.NOTIFY, "tables=users, posts").close();
        database.execute("INSERT INTO users VALUES (1)");
        try (Watching watching = Watching.start(database, Watching.NOTIFY, "tables=users, posts")) {
            watching.changes(2);
            assertThat(watching.published()).containsExactlyInAnyOrder("public.users resync", "public.posts resync");
        }
    }

    @Test
    void aTerminatedListenerReconnectsAndAnnouncesTheGap() throws Exception {
        try (Watching watching = Watching.start(database, Watching.NOTIFY, "tables=users, posts")) {
            database.execute(KILL_LISTENER);
            watching.changes(2);
            assertThat(watching.published()).containsExactlyInAnyOrder("public.users resync", "public.posts resync");

            watching.forget();
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
        }
    }

    @Test
    void aDeadConnectionIsNoticedAndReplaced() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(database.host(), database.port());
                Watching watching = Watching.start(
                        database,
                        Watching.NOTIFY,
                        "tables=users",
                        "connection.timeout.ms=1000",
                        "connection.url=jdbc:postgresql://localhost:" + proxy.port() + "/" + database.name())) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            watching.forget();

            proxy.swallowEverything();
            database.execute("INSERT INTO users VALUES (2)");
            await().until(() -> !watching.source().settled());
            proxy.heal();

            watching.awaitResync();
            database.execute("INSERT INTO users VALUES (3)");
            assertThat(watching.changesOfRows(1)).containsExactly("public.users inserted [3]");
        }
    }

    /** Connect gives a task five seconds to stop, and then leaves it behind as a zombie. */
    @Test
    void stoppingDoesNotWaitForADeadNetwork() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(database.host(), database.port())) {
            Watching watching = Watching.start(
                    database,
                    Watching.NOTIFY,
                    "tables=users",
                    "connection.timeout.ms=60000", // whatever waits for the network waits for so long
                    "connection.url=jdbc:postgresql://localhost:" + proxy.port() + "/" + database.name());
            proxy.swallowEverything();

            Thread stop = new Thread(watching::close);
            stop.start();
            stop.join(30_000);
            assertThat(stop.isAlive()).isFalse();
        }
    }

    @Test
    void aTaskThatDoesNotPollKeepsTheServersQueueEmptyAndAnnouncesWhatItHadToDropOnce() throws Exception {
        try (Watching watching = Watching.start(
                        database,
                        Watching.NOTIFY,
                        "tables=users, posts",
                        "events=inserted",
                        "notify.queue.max.bytes=1048576");
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            // About 10 MiB of payloads, ten times what may wait, while nobody polls.
            for (int i = 0; i < 20; i++) {
                statement.execute("INSERT INTO users SELECT g FROM generate_series(" + i * 100_000 + ", "
                        + (i * 100_000 + 99_999) + ") g");
            }
            await().until(() -> queueUsage(statement) == 0.0);
            await().until(() -> watching.metrics().lostChanges() > 0);
            statement.execute("INSERT INTO posts VALUES (1)");

            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.RESYNC));
            statement.execute("INSERT INTO posts VALUES (2)");
            List<Change> changes = watching.changes(all ->
                    all.stream().anyMatch(change -> Watching.describe(change).equals("public.posts inserted [2]")));

            long received = changes.stream()
                    .filter(change -> Watching.describe(change).startsWith("public.users inserted"))
                    .count();
            long droppedPosts = changes.stream()
                            .anyMatch(change -> Watching.describe(change).equals("public.posts inserted [1]"))
                    ? 0
                    : 1;
            assertThat(received + watching.metrics().lostChanges()).isEqualTo(2_000_000 + droppedPosts);
            assertThat(watching.published().stream().filter(change -> change.endsWith("resync")))
                    .containsExactlyInAnyOrder("public.users resync", "public.posts resync");
        }
    }

    private static double queueUsage(Statement statement) throws Exception {
        try (ResultSet row = statement.executeQuery("SELECT pg_notification_queue_usage()")) {
            row.next();
            return row.getDouble(1);
        }
    }

    @Test
    void aForeignNotificationOnTheChannelIsIgnored() throws Exception {
        try (Watching watching = Watching.start(database, Watching.NOTIFY, "tables=users")) {
            database.execute(
                    "NOTIFY \"ectowatch.shop\"",
                    "NOTIFY \"ectowatch.shop\", 'hello'",
                    "NOTIFY \"ectowatch.shop\", '[\"nolayout\",\"i\",1,1,0,0,[[1]]]'",
                    "NOTIFY \"ectowatch.shop\", '[[[[['",
                    "INSERT INTO users VALUES (1)");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
        }
    }

    /** PostgreSQL has no privileges on channels: who does not trust every role of the database uses a journal. */
    @Test
    void aForgedNotificationIsPublishedAndAValidationWarnsOfThat() throws Exception {
        String stranger = database.role("stranger");
        try (Watching watching = Watching.start(database, Watching.NOTIFY, "tables=users");
                CapturedLog log = new CapturedLog();
                Connection connection = database.connectAs(stranger);
                Statement statement = connection.createStatement()) {
            database.execute("INSERT INTO users VALUES (1)");
            String layout = watching.takeOne().table().layout();
            statement.execute("NOTIFY \"ectowatch.shop\", '[\"" + layout + "\",\"d\",1,1,0,[[4711]]]'");
            watching.changes(all -> watching.published().contains("public.users deleted [4711]"));
            assertThat(Validation.errors(database, Watching.NOTIFY, "tables=users"))
                    .isEmpty();
            assertThat(log.text())
                    .contains("any role that can connect to the database can read and forge notifications");
        }
    }

    /** Else each new attempt would be one more resync, several times a second. */
    @Test
    void aSequenceOfAnotherOwnerFailsTheTaskWithTheRemedy() throws Exception {
        String role = database.role("connector");
        database.execute(
                "CREATE SCHEMA ectowatch",
                "GRANT USAGE, CREATE ON SCHEMA ectowatch TO " + role,
                "GRANT TRIGGER ON users TO " + role,
                "CREATE SEQUENCE ectowatch.\"shop.lost\"",
                "COMMENT ON SEQUENCE ectowatch.\"shop.lost\" IS '{\"ectowatch\":1,\"connector\":\"shop\",\"table\":\"\","
                        + "\"layout\":\"\",\"delivery\":\"\",\"hash\":\"\"}'");
        try (Watching watching = Watching.begin(database, Watching.NOTIFY, "tables=users", "connection.user=" + role)) {
            assertThatThrownBy(() -> watching.changes(1))
                    .hasMessageContaining("database.schema")
                    .hasMessageContaining("\"shop.lost\" is owned by superuser")
                    .hasMessageContaining("OWNER TO");
        }
    }

    @Test
    void anErrorThatEndsTheListenersThreadIsReported() {
        System.setProperty(WorkerOptions.DRIVER_PROPERTIES, "socketFactory");
        try (Watching watching = Watching.begin(
                database,
                Watching.NOTIFY,
                "tables=users",
                "connection.properties.socketFactory=" + Broken.class.getName())) {
            assertThatThrownBy(() -> watching.changes(1))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("out of luck");
        } finally {
            System.clearProperty(WorkerOptions.DRIVER_PROPERTIES);
        }
    }

    /** Made by the driver, by name. */
    public static final class Broken extends javax.net.SocketFactory {

        @Override
        public java.net.Socket createSocket() {
            throw new StackOverflowError("out of luck");
        }

        @Override
        public java.net.Socket createSocket(String host, int port) {
            return createSocket();
        }

        @Override
        public java.net.Socket createSocket(String host, int port, java.net.InetAddress local, int localPort) {
            return createSocket();
        }

        @Override
        public java.net.Socket createSocket(java.net.InetAddress host, int port) {
            return createSocket();
        }

        @Override
        public java.net.Socket createSocket(
                java.net.InetAddress host, int port, java.net.InetAddress local, int localPort) {
            return createSocket();
        }
    }

    @Test
    void aPoolerThatAcceptsListenAndDeliversNothingIsReportedToTheOperator() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(database.host(), database.port())) {
            proxy.deafen();
            try (Watching watching = Watching.begin(
                    database,
                    Watching.NOTIFY,
                    "tables=users",
                    "connection.timeout.ms=1000",
                    "connection.url=jdbc:postgresql://localhost:" + proxy.port() + "/" + database.name())) {
                assertThatThrownBy(() -> watching.changes(1))
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining("connection.url")
                        .hasMessageContaining("pooler");
            }
        }
    }

    @Test
    void aWrongDatabaseNameIsReportedToTheOperatorAtOnce() {
        try (Watching watching = Watching.begin(
                database,
                Watching.NOTIFY,
                "tables=users",
                "connection.url=jdbc:postgresql://localhost:" + database.port() + "/nowhere")) {
            assertThatThrownBy(() -> watching.changes(1))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("nowhere");
            assertThatThrownBy(() -> watching.source().poll(1, 0))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("connection.url")
                    .hasMessageContaining("nowhere");
        }
    }
}
