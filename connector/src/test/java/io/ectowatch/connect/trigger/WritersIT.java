package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The application's statements succeed, whatever is wrong with what we installed. */
class WritersIT {

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, email text, spent interval)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theChangesOfAWriterWithoutPrivilegesAndWithAHostileSearchPathArePublished(boolean rowTriggers)
            throws Exception {
        String writer = database.role("writer");
        database.execute(
                "GRANT INSERT, UPDATE, DELETE, SELECT ON users TO " + writer,
                "CREATE SCHEMA evil AUTHORIZATION " + writer);
        try (Watching watching = Watching.start(database, "tables=users", "row.triggers=" + rowTriggers);
                Connection connection = database.connectAs(writer);
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(
                    "SET search_path = evil, pg_catalog",
                    "CREATE TABLE evil.new_rows (id int)",
                    "CREATE TEMP TABLE new_rows (id int)",
                    "CREATE FUNCTION evil.pg_notify(text, text) RETURNS void LANGUAGE sql AS 'SELECT 1/0'",
                    "CREATE FUNCTION evil.json_build_array(int) RETURNS json LANGUAGE sql AS 'SELECT NULL::json'",
                    "CREATE FUNCTION evil.octet_length(text) RETURNS int LANGUAGE sql AS 'SELECT 1/0'",
                    "INSERT INTO public.users VALUES (1)",
                    "UPDATE public.users SET email = 'x'",
                    "DELETE FROM public.users")) {
                statement.execute(sql);
            }

            watching.changes(3);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [1]", "public.users updated [1]", "public.users deleted [1]");
        }
    }

    @Test
    void nobodyElseCanMakeTablesOfHisOwnSpeakForAWatchedOne() throws Exception {
        String stranger = database.role("stranger");
        Watching.start(database, "tables=users").close();
        database.execute("CREATE SCHEMA his AUTHORIZATION " + stranger, "GRANT USAGE ON SCHEMA ectowatch TO PUBLIC");
        try (Connection connection = database.connectAs(stranger);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE his.users (id int PRIMARY KEY)");
            assertThatThrownBy(
                            () -> statement.execute("CREATE TRIGGER t AFTER INSERT ON his.users REFERENCING NEW TABLE"
                                    + " AS new_rows EXECUTE FUNCTION ectowatch.\"shop.public.users.insert\"()"))
                    .hasMessageContaining("permission denied");
        }
    }

    @Test
    void aWritersOutputSettingsDoNotChangeWhatIsCarried() throws Exception {
        try (Watching watching = Watching.start(
                        database, "watchers=u", "watchers.u.table=users", "watchers.u.extra.columns=spent");
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET IntervalStyle = 'sql_standard'");
            statement.execute("INSERT INTO users (id, spent) VALUES (1, '1 day 02:03:04')");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1, P1DT2H3M4S]");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDroppedColumnFailsNoStatementAndIsReportedToConsumersAndOperator(boolean rowTriggers) throws Exception {
        try (Watching watching = Watching.start(
                database,
                "watchers=u",
                "watchers.u.table=users",
                "watchers.u.extra.columns=email",
                "watchers.u.row.triggers=" + rowTriggers,
                "on.table.error=fail")) {
            database.execute(
                    "INSERT INTO users VALUES (1, 'a')",
                    "ALTER TABLE users DROP COLUMN email",
                    "INSERT INTO users VALUES (2)",
                    "UPDATE users SET id = 3 WHERE id = 2");

            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.RESYNC));
            assertThatThrownBy(() -> watching.changes(all -> false))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("watchers.u.extra.columns")
                    .hasMessageContaining("no column email");
            assertThat(rows("SELECT id FROM users ORDER BY id")).containsExactly("1", "3");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDroppedKeyFailsNoStatement(boolean rowTriggers) throws Exception {
        try (Watching watching =
                Watching.start(database, "tables=users", "row.triggers=" + rowTriggers, "on.table.error=fail")) {
            database.execute(
                    "ALTER TABLE users DROP COLUMN id",
                    "INSERT INTO users VALUES ('a')",
                    "UPDATE users SET email = 'b'",
                    "DELETE FROM users");
            assertThatThrownBy(() -> watching.changes(all -> false))
                    .hasMessageContaining("tables: public.users has no primary key");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSequenceThatWasDroppedFailsNoStatementAndIsCreatedAgain(boolean rowTriggers) throws Exception {
        try (Watching watching = Watching.start(database, "tables=users", "row.triggers=" + rowTriggers)) {
            database.execute("DROP SEQUENCE ectowatch.\"shop.lost\"", "INSERT INTO users VALUES (1)");
            watching.changes(all -> watching.published().contains("public.users inserted [1]"));

            await().until(() -> {
                watching.poll();
                return !rows("SELECT 1 FROM pg_class WHERE relname = 'shop.lost'")
                        .isEmpty();
            });
            watching.changes(all -> watching.published().contains("public.users resync"));
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(all -> watching.published().contains("public.users inserted [2]"));
        }
    }

    @Test
    void aServersQueueThatIsFillingUpFailsNoCommitAndTheLossIsAnnounced() throws Exception {
        // Before that it had eight gigabytes, and no setting.
        assumeThat(TestDatabase.serverVersion()).isGreaterThanOrEqualTo(17);
        try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setLocaleConfig("locale", "C")
                        .setServerConfig("max_notify_queue_pages", "64")
                        .start();
                Connection blocker = server.getPostgresDatabase().getConnection();
                Connection writer = server.getPostgresDatabase().getConnection();
                Statement statement = writer.createStatement()) {
            statement.execute("CREATE TABLE users (id int PRIMARY KEY)");
            try (Watching watching = Watching.start(
                    database,
                    Watching.NOTIFY,
                    "tables=users",
                    "connection.url=jdbc:postgresql://localhost:" + server.getPort() + "/postgres")) {
                // Somebody who listens within an open transaction keeps the queue from being emptied.
                blocker.createStatement().execute("LISTEN anything");
                blocker.setAutoCommit(false);
                blocker.createStatement().execute("SELECT 1");
                statement.execute("SELECT pg_notify('anything', repeat('x', 7000) || g) FROM generate_series(1, 45) g");

                for (int id = 1; id <= 100; id++) {
                    statement.execute("INSERT INTO users SELECT g FROM generate_series(" + id * 1000 + ", " + id * 1000
                            + " + 900) g");
                }
                assertThat(watching.published()).isEmpty();
                watching.changes(1);
                assertThat(watching.published()).containsExactly("public.users resync");

                blocker.rollback();
                blocker.createStatement().execute("UNLISTEN *");
                blocker.commit();
                watching.forget();
                await().until(() -> {
                    try (ResultSet row = statement.executeQuery("SELECT pg_notification_queue_usage()")) {
                        row.next();
                        return row.getDouble(1) < 0.5;
                    }
                });
                statement.execute("INSERT INTO users VALUES (1)");
                watching.changes(1);
                assertThat(watching.published()).containsExactly("public.users inserted [1]");
            }
        }
    }

    /** The task wakes by itself then. */
    @Test
    void aServersQueueThatIsFullFailsNoCommitInDurableDeliveryAndLosesNothing() throws Exception {
        assumeThat(TestDatabase.serverVersion()).isGreaterThanOrEqualTo(17);
        try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setLocaleConfig("locale", "C")
                        .setServerConfig("max_notify_queue_pages", "64")
                        .start();
                Connection blocker = server.getPostgresDatabase().getConnection();
                Connection writer = server.getPostgresDatabase().getConnection();
                Statement statement = writer.createStatement()) {
            statement.execute("CREATE TABLE users (id int PRIMARY KEY)");
            try (Watching watching = Watching.start(
                    database,
                    "tables=users",
                    "connection.url=jdbc:postgresql://localhost:" + server.getPort() + "/postgres")) {
                blocker.createStatement().execute("LISTEN anything");
                blocker.setAutoCommit(false);
                blocker.createStatement().execute("SELECT 1");
                assertThatThrownBy(() -> {
                            for (int i = 0; i < 100; i++) {
                                statement.execute("SELECT pg_notify('anything', repeat('x', 7000))");
                            }
                        })
                        .hasMessageContaining("too many notifications");
                await().until(() -> {
                    watching.poll();
                    try (ResultSet row = statement.executeQuery("SELECT last_value & 4 FROM ectowatch.\"shop.ring\"")) {
                        row.next();
                        return row.getLong(1) != 0;
                    }
                });
                statement.execute("INSERT INTO users VALUES (1)");
                watching.changes(1);
                assertThat(watching.published()).containsExactly("public.users inserted [1]");
            }
        }
    }

    @Test
    void aRoleThatOwnsNothingInstallsAndRemovesWithThePrivilegesThatTheDocsName() throws Exception {
        String role = database.role("connector");
        database.execute("CREATE SCHEMA ectowatch AUTHORIZATION " + role, "GRANT TRIGGER ON users TO " + role);
        try (Watching watching = Watching.start(database, "tables=users", "connection.user=" + role)) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
        }

        database.execute("CREATE TABLE posts (id int PRIMARY KEY)", "GRANT TRIGGER ON posts TO " + role);
        Watching.start(database, "tables=posts", "connection.user=" + role).close();

        assertThat(rows("SELECT DISTINCT tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"))
                .containsExactly("posts");
    }

    /** As while a table that has grown large is looked through for what is still unread, before it is emptied. */
    @Test
    void aTableOfTheJournalThatSomebodyKeepsForHimselfHoldsNoWriterUp() throws Exception {
        Watching.start(database, "tables=users", "row.triggers=false").close();
        try (Connection emptier = database.connect()) {
            emptier.setAutoCommit(false);
            emptier.createStatement().execute("LOCK TABLE ectowatch.\"shop.journal.1\" IN ACCESS EXCLUSIVE MODE");
            database.execute(
                    "SET statement_timeout = '20s'; DO $$ BEGIN FOR i IN 1..3000 LOOP INSERT INTO users VALUES (i);"
                            + " END LOOP; INSERT INTO users SELECT 2 * g FROM generate_series(10000, 509999) g; END $$");
        }
        assertThat(rows("SELECT count(*) FROM ectowatch.\"shop.journal.0\" WHERE length(body) < 10"))
                .containsExactly("3000");
    }

    private List<String> rows(String sql) throws Exception {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }
}
