package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Path;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that changed without a trigger being called: what leaves a trace in the catalogs is announced by a resync. */
class SilentChangesIT {

    private static final String TABLES = "tables=users, posts, days";

    @NewDatabase
    private TestDatabase database;

    private int nextId = 100;

    @BeforeEach
    void tables() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY)",
                "CREATE TABLE posts (id int PRIMARY KEY)",
                "CREATE TABLE days (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (0) TO (1000)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    TRUNCATE users                                       | public.users
                    BEGIN; TRUNCATE users; INSERT INTO users VALUES (5); ANALYZE users; COMMIT | public.users
                    TRUNCATE days                                        | public.days
                    TRUNCATE days_1                                      | public.days
                    ALTER TABLE users DISABLE TRIGGER ALL; DELETE FROM users; ALTER TABLE users ENABLE TRIGGER ALL | public.users
                    ALTER TABLE days DISABLE TRIGGER ALL; DELETE FROM days; ALTER TABLE days ENABLE TRIGGER ALL | public.days
                    """)
    void whatWasDoneWhileNoTaskRanIsAnnouncedByTheNextOne(String change, String table) throws Exception {
        Map<String, ?> offset = aRowOfEach();
        database.execute(change);
        try (Watching watching = Watching.resume(database, offset, TABLES)) {
            watching.changes(all -> watching.published().contains(table + " resync"));
            watching.awaitInstalled();
            offset = watching.lastOffset();
        }
        if (change.contains("TRUNCATE")) { // the other loss is announced again when open transactions have ended
            assertNothingToAnnounce(offset);
        }
    }

    @InBothDeliveries
    void aTruncateThatNobodyWatchesIsAnnouncedForItsTableAndNoOther(String delivery) throws Exception {
        try (Watching watching = Watching.start(database, TABLES, "delivery.mode=" + delivery)) {
            database.execute("INSERT INTO users VALUES (1)", "TRUNCATE users", "TRUNCATE days_1");
            watching.changes(3);
            assertThat(watching.published())
                    .startsWith("public.users inserted [1]")
                    .containsExactlyInAnyOrder(
                            "public.users inserted [1]", "public.users resync", "public.days resync");
        }
    }

    @InBothDeliveries
    void aTruncateThatIsWatchedIsAnnouncedAsSuchAndNoMore(String delivery) throws Exception {
        String[] settings = {TABLES, "events=inserted,truncated", "delivery.mode=" + delivery};
        Map<String, ?> offset;
        try (Watching watching = Watching.start(database, settings)) {
            database.execute("TRUNCATE users", "TRUNCATE days", "INSERT INTO posts VALUES (1)");
            watching.changes(3);
            assertThat(watching.published())
                    .containsExactly("public.users truncated", "public.days truncated", "public.posts inserted [1]");
            offset = watching.lastOffset();
        }
        if (delivery.equals("durable")) {
            assertNothingToAnnounce(offset, settings);
        }
    }

    /** A dump of the table alone, which has the triggers, too: the functions that those call are in the database. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTableThatIsRestoredInItsPlaceIsAnnounced(boolean whileItRuns) throws Exception {
        Map<String, ?> offset = aRowOfEach();
        List<String> triggers = database.column(
                "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'users'::regclass AND NOT tgisinternal");
        if (!whileItRuns) {
            restore(triggers);
        }
        try (Watching watching = Watching.resume(database, offset, TABLES)) {
            if (whileItRuns) {
                restore(triggers);
            }
            watching.changes(all -> watching.published().contains("public.users resync"));
            watching.awaitInstalled();
            database.execute("INSERT INTO users VALUES (7)");
            watching.changes(all -> watching.published().contains("public.users inserted [7]"));
        }
    }

    private void restore(List<String> triggers) throws Exception {
        StringBuilder dump = new StringBuilder("BEGIN; DROP TABLE users; CREATE TABLE users (id int PRIMARY KEY);");
        triggers.forEach(trigger -> dump.append(trigger).append(';'));
        database.execute(dump + "COMMIT");
    }

    @Test
    void anUninstallAndAReinstallByAnotherAreAnnounced() throws Exception {
        Map<String, ?> offset = aRowOfEach();
        database.awaitNoTask();
        database.execute("SELECT ectowatch.uninstall('shop')", "DELETE FROM users");
        Watching.start(database, TABLES).close();
        database.execute("DELETE FROM ectowatch.\"shop.watched\""); // as one who runs a printed script leaves it
        try (Watching watching = Watching.resume(database, offset, TABLES)) {
            watching.changes(all -> watching.published().contains("public.users resync"));
        }
    }

    /** With an offset but no stored state, the next task would conclude that the connector was installed again meanwhile. */
    @Test
    void aTaskThatIsKilledBeforeItHasStoredTheStateOfTheTablesLeavesNothingToAnnounce() throws Exception {
        Watching.start(database, "tables=users").close();
        database.awaitNoTask();
        database.execute("DELETE FROM ectowatch.\"shop.watched\"", "INSERT INTO users VALUES (1)");
        Map<String, ?> offset;
        Statement holder = database.begin("LOCK TABLE ectowatch.\"shop.watched\" IN SHARE MODE");
        try (Watching killed = Watching.begin(database, "tables=users, posts")) { // it has something to install
            await().until(() -> {
                killed.poll();
                return database.number("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation ="
                                + " 'ectowatch.\"shop.watched\"'::regclass")
                        > 0;
            });
            killed.poll();
            offset = killed.lastOffset();
        }
        holder.execute("ROLLBACK");
        try (Watching next = offset == null
                ? Watching.start(database, "tables=users, posts")
                : Watching.resume(database, offset, "tables=users, posts")) {
            database.execute("INSERT INTO users VALUES (2)");
            next.changes(all -> next.published().contains("public.users inserted [2]"));
            assertThat(next.published()).doesNotContain("public.users resync");
        }
    }

    /** As after an upgrade, when Connect moves the task to another worker at once. */
    @Test
    void aTaskThatEndsRightAfterItHasReplacedItsFunctionsLeavesNothingToAnnounce() throws Exception {
        Map<String, ?> offset = aRowOfEach();
        String other = "skip.unchanged.updates=true";
        // Tables whose state was stored by the transaction that has written one of their functions: the task cannot end
        // between.
        String stored = """
                SELECT count(*) FROM ectowatch."shop.watched" AS w
                WHERE EXISTS (SELECT FROM pg_trigger AS t JOIN pg_proc AS f ON f.oid = t.tgfoid
                              WHERE t.tgrelid = w.relation AND f.xmin = w.xmin)
                """;
        assertThat(database.number(stored)).isZero();
        try (Watching ended = Watching.begin(
                offset, "connection.url=" + database.url(), "connection.user=" + database.user(), TABLES, other)) {
            await().until(() -> {
                ended.poll();
                return database.number(stored) == 3;
            });
        }
        assertNothingToAnnounce(offset, TABLES, other);
    }

    @Test
    void aRestartAnnouncesNothingWhenNothingWasDone() throws Exception {
        Map<String, ?> offset = aRowOfEach();
        database.execute(
                "VACUUM (FREEZE) pg_trigger", "VACUUM (FREEZE) pg_proc", "VACUUM (FREEZE) pg_class", "ANALYZE");
        assertNothingToAnnounce(offset);
        assertNothingToAnnounce(offset, TABLES, "skip.unchanged.updates=true");
        assertNothingToAnnounce(offset, TABLES, "skip.unchanged.updates=true");
    }

    @Test
    void anUnloggedTableThatACrashHasEmptiedIsAnnounced(@TempDir Path directory) throws Exception {
        try (OwnServer server = OwnServer.start(directory.resolve("data"))) {
            server.execute(
                    "CREATE UNLOGGED TABLE users (id int PRIMARY KEY)", "CREATE TABLE posts (id int PRIMARY KEY)");
            try (Watching watching = Watching.begin(
                    (Map<String, ?>) null,
                    "connection.url=" + server.url(),
                    "connection.user=postgres",
                    "tables=users, posts")) {
                watching.awaitInstalled();
                server.execute("SET synchronous_commit = on", "INSERT INTO users VALUES (1)");
                watching.changes(1);
                server.crash();
                server.start();
                watching.changes(all -> watching.published().contains("public.users resync"));
                assertThat(watching.published()).doesNotContain("public.posts resync");
            }
        }
    }

    private Map<String, ?> aRowOfEach() throws Exception {
        try (Watching watching = Watching.start(database, TABLES)) {
            database.execute(
                    "INSERT INTO users VALUES (1)", "INSERT INTO posts VALUES (1)", "INSERT INTO days VALUES (1)");
            watching.changes(3);
            watching.commit();
            watching.awaitInstalled();
            return watching.lastOffset();
        }
    }

    private void assertNothingToAnnounce(Map<String, ?> offset, String... settings) throws Exception {
        String[] all = settings.length == 0 ? new String[] {TABLES} : settings;
        try (Watching watching = Watching.resume(database, offset, all)) {
            // What is to be announced is in the journal by now.
            insertedAndSeen(watching);
            assertThat(watching.received()).noneMatch(change -> change.event() == Event.RESYNC);
        }
    }

    private void insertedAndSeen(Watching watching) throws Exception {
        int id = nextId++;
        database.execute("INSERT INTO posts VALUES (" + id + ")");
        watching.changes(all -> watching.published().contains("public.posts inserted [" + id + "]"));
    }
}
