package io.ectowatch.connect.install.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever an administrator alters about the connector's objects, the application's statements succeed. */
class AlteredObjectsIT {

    /** With the connector installed. */
    @NewDatabase
    private static TestDatabase template;

    private static String owner;

    @NewDatabase
    private TestDatabase database;

    /** Once: an installation takes longer than all that a writer does here. */
    @BeforeAll
    static void install() throws Exception {
        owner = template.role("connector");
        template.execute(
                "CREATE TABLE users (id int PRIMARY KEY, n int)",
                "CREATE TABLE chosen (id int PRIMARY KEY, n int)",
                "CREATE SCHEMA ectowatch AUTHORIZATION " + owner,
                "GRANT TRIGGER ON users, chosen TO " + owner);
        Watching.start(
                        template,
                        "tables=users",
                        "watchers=w",
                        "watchers.w.table=chosen",
                        "watchers.w.row.triggers=true",
                        "connection.user=" + owner)
                .close();
    }

    @BeforeEach
    void begin() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER SCHEMA ectowatch OWNER TO postgres",
                "REVOKE ALL ON SCHEMA ectowatch FROM %s",
                "ALTER SCHEMA ectowatch RENAME TO other",
                "ALTER SEQUENCE ectowatch.\"shop.ring\" OWNER TO postgres",
                "ALTER SEQUENCE ectowatch.\"shop.ring\" RENAME TO other",
                "ALTER SEQUENCE ectowatch.\"shop.lost\" OWNER TO postgres",
                "ALTER FUNCTION ectowatch.\"shop.append\" RENAME TO other",
                "REVOKE ALL ON FUNCTION ectowatch.\"shop.append\" FROM %s",
                "ALTER FUNCTION ectowatch.\"shop.order\" RENAME TO other",
                "REVOKE ALL ON FUNCTION ectowatch.\"shop.order\" FROM %s",
                "ALTER FUNCTION ectowatch.\"shop.guard\" RENAME TO other",
                "ALTER TABLE ectowatch.\"shop.journal.0\" RENAME TO other",
                "ALTER TABLE ectowatch.\"shop.journal.0\" OWNER TO postgres",
                "ALTER FUNCTION ectowatch.\"shop.fit\" RENAME TO other",
                "REVOKE INSERT ON ectowatch.\"shop.journal.0\" FROM %s",
                "REVOKE ALL ON ectowatch.\"shop.journal.0\" FROM %s",
                "ALTER TABLE ectowatch.\"shop.journal.0\" DROP COLUMN event",
                "ALTER TABLE ectowatch.\"shop.journal.0\" RENAME COLUMN event TO other",
                "TRUNCATE ectowatch.\"shop.journal.0\";"
                        + " ALTER TABLE ectowatch.\"shop.journal.0\" ADD COLUMN other int NOT NULL",
                "ALTER TABLE ectowatch.\"shop.journal.0\" ADD COLUMN other int",
                "ALTER TABLE ectowatch.\"shop.journal.0\" ADD COLUMN other int;"
                        + " ALTER TABLE ectowatch.\"shop.journal.0\" ALTER COLUMN other SET DEFAULT 1 / 0",
                "CREATE DOMAIN never AS int CHECK (VALUE IS NOT NULL); TRUNCATE ectowatch.\"shop.journal.0\";"
                        + " ALTER TABLE ectowatch.\"shop.journal.0\" ADD COLUMN other never",
                "TRUNCATE ectowatch.\"shop.journal.0\";"
                        + " CREATE UNIQUE INDEX ON ectowatch.\"shop.journal.0\" (layout)",
                "ALTER TABLE ectowatch.\"shop.journal.0\" ALTER COLUMN body TYPE varchar(1000000), ALTER COLUMN xid DROP DEFAULT",
                "ALTER TABLE ectowatch.\"shop.journal.0\" ADD CHECK (false) NOT VALID",
                "TRUNCATE ectowatch.\"shop.journal.0\";"
                        + " CREATE INDEX ON ectowatch.\"shop.journal.0\" ((1 / (layout - layout)))",
                "CREATE POLICY none ON ectowatch.\"shop.journal.0\" USING (false);"
                        + " ALTER TABLE ectowatch.\"shop.journal.0\" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';"
                        + " CREATE TRIGGER refuse BEFORE INSERT ON ectowatch.\"shop.journal.0\" EXECUTE FUNCTION refuse()",
                "CREATE RULE refuse AS ON INSERT TO ectowatch.\"shop.journal.0\" DO ALSO SELECT 1 / 0"
            })
    void aWriterGoesOn(String alteration) throws Exception {
        try (TestDatabase copy = template.copy();
                Connection connection = copy.connect();
                Statement before = connection.createStatement()) {
            write(before, "users", 10_000);
            write(before, "chosen", 10_000);
            long rows = 3 * copy.number("SELECT count(*) FROM users");
            copy.execute(alteration.formatted(owner));
            write(before, "users", 20_000);
            write(before, "chosen", 20_000);
            try (Connection other = copy.connect();
                    Statement after = other.createStatement()) {
                write(after, "chosen", 30_000);
                write(after, "users", 30_000);
            }
            assertThat(copy.number("SELECT count(*) FROM users")).isEqualTo(rows);
            assertThat(copy.number("SELECT count(*) FROM chosen")).isEqualTo(rows);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE ectowatch.\"shop.journal.0\" ADD COLUMN other int",
                "ALTER TABLE ectowatch.\"shop.journal.0\" ADD COLUMN other int NOT NULL DEFAULT 1;"
                        + " ALTER TABLE ectowatch.\"shop.journal.0\" DROP COLUMN other",
                "CREATE INDEX ON ectowatch.\"shop.journal.0\" (xid)",
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';"
                        + " CREATE TRIGGER refuse BEFORE INSERT ON ectowatch.\"shop.journal.0\" EXECUTE FUNCTION refuse();"
                        + " DROP TRIGGER refuse ON ectowatch.\"shop.journal.0\"",
                "CREATE RULE refuse AS ON INSERT TO ectowatch.\"shop.journal.0\" DO ALSO SELECT 1 / 0;"
                        + " DROP RULE refuse ON ectowatch.\"shop.journal.0\""
            })
    void anAlterationThatRefusesNoRowLosesNoChange(String alteration) throws Exception {
        try (TestDatabase copy = template.copy()) {
            copy.execute(alteration);
            long rows = journalRows(copy);
            copy.execute("INSERT INTO users VALUES (1)", "INSERT INTO chosen VALUES (1)");
            assertThat(journalRows(copy)).isEqualTo(rows + 2);
        }
    }

    private static long journalRows(TestDatabase database) throws Exception {
        return database.number("SELECT (SELECT count(*) FROM ectowatch.\"shop.journal.0\")"
                + " + (SELECT count(*) FROM ectowatch.\"shop.journal.1\")"
                + " + (SELECT count(*) FROM ectowatch.\"shop.journal.2\")");
    }

    /** PostgreSQL plans a query with parameters five times, and would call the function each time. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSessionChecksTheJournalTablesOnce(boolean rowTriggers) throws Exception {
        Watching.start(database, "tables=users", "row.triggers=" + rowTriggers).close();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET track_functions = 'all'");
            connection.setAutoCommit(false);
            for (int id = 1; id <= 10; id++) {
                statement.execute("INSERT INTO users VALUES (" + id + ")");
            }
            try (ResultSet calls = statement.executeQuery("SELECT funcname, calls FROM pg_stat_xact_user_functions"
                    + " WHERE funcname IN ('shop.fit', 'shop.public.users.insert') ORDER BY funcname")) {
                assertThat(calls.next()).isTrue();
                assertThat(calls.getString(1) + " " + calls.getLong(2)).isEqualTo("shop.fit 1");
                assertThat(calls.next()).isTrue();
                assertThat(calls.getLong(2)).isEqualTo(10);
            }
        }
    }

    /** What the connector can mend, it mends; what was lost until then is announced. */
    @ParameterizedTest
    @ValueSource(strings = {"INSERT", "SELECT", "TRUNCATE", "ALL"})
    void privilegesThatWereRevokedAreGrantedAgain(String privilege) throws Exception {
        String role = database.role("connector");
        database.execute("CREATE SCHEMA ectowatch AUTHORIZATION " + role, "GRANT TRIGGER ON users TO " + role);
        try (Watching watching =
                Watching.start(database, "tables=users", "connection.user=" + role, "table.poll.interval.ms=1000")) {
            revokeOnEach(privilege, role);
            database.execute("INSERT INTO users VALUES (1)");
            await().until(() -> {
                watching.poll();
                return database.number(
                                "SELECT count(*) FROM generate_series(0, 2) AS t, unnest(ARRAY['INSERT', 'SELECT',"
                                        + " 'TRUNCATE']) AS p WHERE has_table_privilege('" + role
                                        + "', 'ectowatch.\"shop.journal.' || t || '\"', p)")
                        == 9;
            });
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(all -> watching.published().contains("public.users inserted [2]")
                    && (watching.published().contains("public.users inserted [1]")
                            || watching.published().contains("public.users resync")));
        }
    }

    /**
     * In the middle of the writers' transactions. An alteration can fail the statement that runs at that very moment, as
     * docs/writers.md says, and no later one.
     */
    @Test
    void writersThatWriteMeanwhileGoOnAndWhatTheyLoseIsAnnounced() throws Exception {
        String role = database.role("connector");
        database.execute("CREATE SCHEMA ectowatch AUTHORIZATION " + role, "GRANT TRIGGER ON users TO " + role);
        String[] settings = {"tables=users", "connection.user=" + role, "table.poll.interval.ms=1000"};
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService writers = Executors.newFixedThreadPool(2);
        try {
            List<Future<Integer>> failures = List.of(
                    writers.submit(() -> writeUntil(done, 1_000_000)),
                    writers.submit(() -> writeUntil(done, 2_000_000)));
            try (Watching watching = Watching.start(database, settings)) {
                watching.changes(100);
                watching.forget();
                revokeOnEach("INSERT", role);
                watching.changes(all -> watching.published().contains("public.users resync"));
                watching.forget();
                watching.changes(100); // the privilege is back

                database.execute("ALTER TABLE ectowatch.\"shop.journal.0\" DROP COLUMN event");
                await().untilAsserted(() ->
                        assertThatThrownBy(watching::poll).hasMessageContaining("\"shop.journal.0\" was changed"));
            }
            done.set(true);
            for (Future<Integer> writer : failures) {
                assertThat(writer.get()).isLessThanOrEqualTo(4); // three tables were revoked, one was altered
            }
        } finally {
            done.set(true);
            writers.shutdown();
        }
        database.execute("DROP TABLE ectowatch.\"shop.journal.0\"");
        try (Watching watching = Watching.start(database, settings)) {
            watching.changes(all -> watching.published().contains("public.users resync"));
        }
    }

    /** Returns how many transactions have failed. */
    private int writeUntil(AtomicBoolean done, int first) throws Exception {
        int failures = 0;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int id = first; !done.get(); id++) {
                try {
                    statement.execute("INSERT INTO users VALUES (" + id + ")");
                    statement.execute("UPDATE users SET n = 1 WHERE id = " + id);
                    connection.commit();
                } catch (SQLException e) {
                    assertThat(e.getMessage()).contains("shop.journal.");
                    connection.rollback();
                    failures++;
                }
            }
        }
        return failures;
    }

    private void revokeOnEach(String privilege, String role) throws Exception {
        for (int table = 0; table < 3; table++) {
            database.execute("REVOKE " + privilege + " ON ectowatch.\"shop.journal." + table + "\" FROM " + role);
        }
    }

    @Test
    void aJournalTableThatWasAlteredFailsTheTaskWithTheReason() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users", "table.poll.interval.ms=1000")) {
            database.execute("ALTER TABLE ectowatch.\"shop.journal.0\" ADD CHECK (false) NOT VALID");
            database.execute("INSERT INTO users VALUES (1)");
            await().untilAsserted(() -> assertThatThrownBy(watching::poll)
                    .hasMessageContaining("\"shop.journal.0\" was changed: unexpected: constraint CHECK"));
        }
        database.execute("ALTER TABLE ectowatch.\"shop.journal.0\" DROP CONSTRAINT \"shop.journal.0_check\"");
        try (Watching watching = Watching.start(database, "tables=users")) {
            watching.awaitResync();
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(all -> watching.published().contains("public.users inserted [2]"));
        }
    }

    private static void write(Statement statement, String table, int from) throws Exception {
        for (int id = from; id < from + 600; id++) {
            statement.execute("INSERT INTO " + table + " VALUES (" + id + ")");
        }
        statement.execute("UPDATE " + table + " SET n = 1");
        statement.execute("UPDATE " + table + " SET id = -id WHERE id IN (" + from + ", " + (from + 1) + ")");
        statement.execute("DELETE FROM " + table + " WHERE id < 0");
        statement.execute("INSERT INTO " + table + " VALUES (" + (from + 1000) + "), (" + (from + 1002) + ")");
        statement.execute("DELETE FROM " + table + " WHERE id = " + (from + 500));
        // Here the triggers fire in another order than that of the changes.
        statement.execute("WITH gone AS (DELETE FROM " + table + " WHERE id BETWEEN " + (from + 10) + " AND "
                + (from + 20) + " RETURNING id) INSERT INTO " + table + " SELECT id FROM gone");
        statement.execute("WITH gone AS (DELETE FROM " + table + " WHERE id = " + (from + 30)
                + " RETURNING id) INSERT INTO " + table + " SELECT id FROM gone");
    }
}
