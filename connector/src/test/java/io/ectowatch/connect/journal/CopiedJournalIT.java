package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of a journal that another database or server has written. The effect of pg_dump and pg_restore is made by
 * SQL: the rows get transaction numbers and places that this server has not reached, and the owner another server's name.
 */
class CopiedJournalIT {

    private static final String TABLES = "tables=users";

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    /** The triggers of such a copy look as they did, so that nothing else tells the next task. */
    @Test
    void aTaskThatEndsBeforeItHasAnnouncedACopyLeavesThatToTheNextOne() throws Exception {
        Watching.start(database, TABLES).close();
        database.execute("INSERT INTO users VALUES (1)");
        database.awaitNoTask();
        try (TestDatabase copy = database.copy()) {
            try (Watching watching = Watching.begin(copy, TABLES)) {
                await().until(() -> copy.number(
                                "SELECT count(*) FROM ectowatch.\"shop.owner\""
                                        + " WHERE token LIKE '%/' || (SELECT oid FROM pg_database WHERE datname = current_database())")
                        == 1);
                assertThat(watching.received()).isEmpty();
            }
            copy.awaitNoTask();
            try (Watching watching = Watching.start(copy, TABLES)) {
                watching.changes(all -> watching.published().contains("public.users resync"));
                assertThat(watching.published()).contains("public.users inserted [1]");
            }
        }
    }

    /** The trigger's deletion is written to the journal first, and read last. */
    @Test
    void changesOfOneTransactionKeepTheirOrder() throws Exception {
        database.execute(
                "CREATE FUNCTION remove() RETURNS trigger LANGUAGE plpgsql"
                        + " AS 'BEGIN DELETE FROM users WHERE id = NEW.id; RETURN NULL; END'",
                "CREATE TRIGGER a AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION remove()");
        Watching.start(database, TABLES).close();
        database.execute("INSERT INTO users VALUES (1)");
        copiedFromAnotherServer();
        try (Watching watching = Watching.start(database, TABLES)) {
            watching.changes(3);
            assertThat(watching.published())
                    .containsSubsequence("public.users inserted [1]", "public.users deleted [1]")
                    .doesNotHaveDuplicates();
        }
    }

    /** In short transactions: each statement of the task has to end before its time-out, however large the journal is. */
    @Test
    void aLargeJournalIsDeliveredOnceAndInItsOrder() throws Exception {
        Watching.start(database, TABLES).close();
        database.execute("INSERT INTO users VALUES (0)");
        int rows = 25_000;
        database.execute("INSERT INTO ectowatch.\"shop.journal.1\" (lsn, at, layout, event, body)"
                + " SELECT lsn + g, at + g * interval '1 ms', layout, event, '[' || g || ']'"
                + " FROM ectowatch.\"shop.journal.0\", generate_series(1, " + rows + ") AS g");
        copiedFromAnotherServer();
        try (Watching watching = Watching.start(database, TABLES)) {
            watching.changes(all -> all.size() > rows + 1);
            List<String> expected = IntStream.rangeClosed(0, rows)
                    .mapToObj(id -> "public.users inserted [" + id + "]")
                    .toList();
            assertThat(watching.received().stream()
                            .filter(change -> change.event() != Event.RESYNC)
                            .map(Watching::describe)
                            .toList())
                    .isEqualTo(expected);
            assertThat(watching.published()).contains("public.users resync");
        }
        assertThat(database.number("SELECT count(DISTINCT xid) FROM ectowatch.\"shop.journal.1\""))
                .isGreaterThan(2);
    }

    @Test
    void whatATaskHasBegunToRenumberIsFinishedByTheNextOne() throws Exception {
        Watching.start(database, TABLES).close();
        insert(1, 9);
        database.execute("SELECT setval('ectowatch.\"shop.ring\"', 1)");
        insert(10, 19);
        copiedFromAnotherServer();
        Statement reader = database.begin("LOCK TABLE ectowatch.\"shop.journal.1\" IN SHARE MODE");
        try (Watching watching = Watching.begin(database, TABLES)) {
            await().until(() ->
                    database.number("SELECT count(*) FROM ectowatch.\"shop.journal.0\"" + " WHERE lsn < '0/1000000'")
                            == 9);
            assertThat(watching.received()).isEmpty();
        }
        reader.execute("ROLLBACK");
        database.awaitNoTask();
        database.execute("SELECT setval('ectowatch.\"shop.ring\"', 0)");
        insert(20, 21);
        try (Watching watching = Watching.start(database, TABLES)) {
            watching.changes(all -> watching.published().contains("public.users inserted [21]"));
            assertThat(watching.published().stream().filter(change -> change.contains("inserted")))
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, 21)
                            .mapToObj(id -> "public.users inserted [" + id + "]")
                            .collect(Collectors.toList()));
            assertThat(watching.published()).contains("public.users resync");
        }
    }

    /** Rows and TRUNCATEs of the other server's journal would be mixed into this one's. */
    @Test
    void aJournalThatASubscriptionWritesToIsRefused(@TempDir Path directory) throws Exception {
        try (OwnServer server = OwnServer.start(directory.resolve("data"), "wal_level = logical")) {
            server.execute("CREATE TABLE users (id int PRIMARY KEY)", "CREATE DATABASE subscriber");
            String other = "host=127.0.0.1 port=" + server.port() + " user=postgres dbname=postgres";
            server.execute("CREATE PUBLICATION everything FOR ALL TABLES");
            begin(server.url()).close();
            server.execute("SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
            String url = server.url().replaceAll("postgres$", "subscriber");
            server.executeIn(url, "CREATE TABLE users (id int PRIMARY KEY)");
            begin(url).close();
            server.executeIn(
                    url,
                    "CREATE SUBSCRIPTION s CONNECTION '" + other
                            + "' PUBLICATION everything WITH (create_slot = false, copy_data = false)");
            assertThatThrownBy(() -> begin(url))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("\"shop.journal.0\" was changed: unexpected: rows of subscription s");
            server.executeIn(url, "ALTER SUBSCRIPTION s DISABLE");
            begin(url).close();
        }
    }

    private static Watching begin(String url) {
        Watching watching =
                Watching.begin((Map<String, ?>) null, "connection.url=" + url, "connection.user=postgres", TABLES);
        watching.awaitInstalled();
        return watching;
    }

    private void insert(int first, int last) throws SQLException {
        for (int id = first; id <= last; id++) {
            database.execute("INSERT INTO users VALUES (" + id + ")");
        }
    }

    private void copiedFromAnotherServer() throws SQLException {
        database.awaitNoTask();
        for (int table = 0; table < 2; table++) {
            database.execute("UPDATE ectowatch.\"shop.journal." + table + "\""
                    + " SET xid = (xid::text::int8 + 100000000000)::text::xid8, lsn = lsn + 1000000000000000");
        }
        database.execute("UPDATE ectowatch.\"shop.owner\" SET token = 'another@1234/5'");
    }
}
