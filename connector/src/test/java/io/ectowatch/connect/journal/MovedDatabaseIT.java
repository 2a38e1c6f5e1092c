package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connector whose offset was made elsewhere: in another database, from a dump of it, or under another delivery. */
class MovedDatabaseIT {

    private static final String[] DURABLE = {"tables=users", "delivery.mode=durable"};

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)");
    }

    /** Both databases of a server have the same transaction numbers. */
    @Test
    void theOffsetOfAnotherDatabaseOfTheServerHidesNothing() throws Exception {
        Watching.start(database, DURABLE).close();
        database.execute("INSERT INTO users VALUES (1)");
        Map<String, ?> offset;
        try (TestDatabase other = TestDatabase.create()) {
            other.execute("CREATE TABLE users (id int PRIMARY KEY)");
            try (Watching watching = Watching.start(other, DURABLE)) {
                other.execute("INSERT INTO users VALUES (100)");
                watching.changes(1);
                offset = watching.lastOffset();
            }
        }
        try (Watching watching = Watching.resume(database, offset, DURABLE)) {
            watching.changes(all -> watching.published().contains("public.users inserted [1]"));
        }
    }

    /** As after a dump and restore: rows of the old system lie beside those written since, whose places are lower. */
    @Test
    void whatADumpBroughtAlongComesBeforeWhatFollowedIt() throws Exception {
        Map<String, Object> offset;
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.execute("INSERT INTO users VALUES (0)");
            watching.changes(1);
            offset = new HashMap<>(watching.lastOffset());
        }
        offset.put("history", "1234/00000001/5");
        database.execute("INSERT INTO users VALUES (1, 0), (2, 0)", "INSERT INTO users VALUES (3)");
        database.execute("UPDATE ectowatch.\"shop.journal.0\" SET xid = '123456789012', lsn = lsn + 1000000000000000");
        database.execute("UPDATE users SET n = 1 WHERE id = 1", "DELETE FROM users WHERE id = 3");
        try (Watching watching = Watching.resume(database, offset, DURABLE)) {
            watching.changes(7);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users resync",
                            "public.users inserted [0]",
                            "public.users inserted [1]",
                            "public.users inserted [2]",
                            "public.users inserted [3]",
                            "public.users updated [1]",
                            "public.users deleted [3]");
            database.execute("UPDATE users SET n = 2 WHERE id = 1");
            watching.changes(8);
            assertThat(watching.published()).endsWith("public.users updated [1]");
            offset = new HashMap<>(watching.lastOffset());
        }
        try (Watching watching = Watching.resume(database, offset, DURABLE)) {
            database.execute("INSERT INTO users VALUES (9)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [9]");
        }
    }

    /** As in a copy of the database for tests, where a connector of that name is new: Connect has no offset of it. */
    @Test
    void rowsOfADumpArePublishedOnceByAConnectorThatIsNewThere() throws Exception {
        Watching.start(database, DURABLE).close();
        database.execute("INSERT INTO users VALUES (1)");
        database.execute("UPDATE ectowatch.\"shop.journal.0\" SET xid = '123456789012', lsn = lsn + 1000000000000000");
        try (Watching watching = Watching.start(database, DURABLE)) {
            for (int id = 2; id <= 5; id++) {
                database.execute("INSERT INTO users VALUES (" + id + ")");
                String expected = "public.users inserted [" + id + "]";
                watching.changes(all -> watching.published().contains(expected));
            }
            assertThat(watching.published()).doesNotHaveDuplicates().contains("public.users inserted [1]");
        }
    }

    /** As when a database for tests is refreshed from a dump, and its connector goes on with the offset that it has. */
    @Test
    void rowsOfTheFutureArePublishedOnceByAConnectorThatHasAnOffset() throws Exception {
        Map<String, ?> offset;
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.execute("INSERT INTO users VALUES (0)");
            watching.changes(1);
            offset = watching.lastOffset();
        }
        database.execute("INSERT INTO users VALUES (1), (2)");
        database.execute("UPDATE ectowatch.\"shop.journal.0\" SET xid = '123456789012'");
        try (Watching watching = Watching.resume(database, offset, DURABLE)) {
            assertPublishedOnce(watching);
        }
    }

    /** As when the journal is restored while its task runs. */
    @Test
    void rowsOfTheFutureThatComeWhileTheTaskRunsArePublishedOnce() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.execute("INSERT INTO users VALUES (0)");
            watching.changes(1);
            database.execute("INSERT INTO ectowatch.\"shop.journal.0\" (lsn, xid, layout, event, body)"
                    + " SELECT pg_current_wal_insert_lsn(), '123456789012', layout, event, replace(body, '0', '1')"
                    + " FROM ectowatch.\"shop.journal.0\"");
            assertPublishedOnce(watching);
        }
    }

    private void assertPublishedOnce(Watching watching) throws Exception {
        for (int id = 5; id <= 8; id++) {
            database.execute("INSERT INTO users VALUES (" + id + ")");
            String expected = "public.users inserted [" + id + ", ]";
            watching.changes(all -> watching.published().stream().anyMatch(expected::startsWith)
                    || watching.published().contains(expected.replace(", ]", "]")));
        }
        assertThat(watching.published()).contains("public.users resync", "public.users inserted [1]");
        assertThat(watching.published().stream().filter("public.users inserted [1]"::equals))
                .hasSize(1);
    }

    /** Both databases have the same system identifier and the same transaction numbers. */
    @Test
    void aDatabaseCreatedFromATemplatePublishesItsJournalOnceAndAResync() throws Exception {
        Map<String, ?> offset;
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.execute("INSERT INTO users VALUES (0)");
            watching.changes(1);
            offset = watching.lastOffset();
        }
        database.execute("INSERT INTO users VALUES (1)");
        database.awaitNoTask();
        try (TestDatabase copy = database.copy()) {
            try (Watching watching = Watching.start(copy, DURABLE)) {
                watching.changes(all -> watching.published().contains("public.users inserted [1]"));
                copy.execute("INSERT INTO users VALUES (2)");
                watching.changes(all -> watching.published().contains("public.users inserted [2]"));
                assertThat(watching.published()).doesNotHaveDuplicates().contains("public.users resync");
            }
            // In the database that it was made from, all goes on.
            try (Watching watching = Watching.resume(database, offset, DURABLE)) {
                watching.changes(1);
                assertThat(watching.published()).containsExactly("public.users inserted [1]");
            }
        }
    }

    /** Everything has other OIDs there, so that the triggers look as if they were new. */
    @Test
    void aRestoredDatabasePublishesOneResyncOfEachTable() throws Exception {
        Map<String, ?> offset;
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.execute("INSERT INTO users VALUES (0)");
            watching.changes(1);
            offset = watching.lastOffset();
        }
        database.awaitNoTask();
        try (TestDatabase copy = database.copy()) {
            copy.execute("UPDATE ectowatch.\"shop.watched\" SET relation = relation::int8 + 100000, root = root::int8"
                    + " + 100000, triggers = triggers + 1, storage = storage + 1");
            try (Watching watching = Watching.resume(copy, offset, DURABLE)) {
                for (int id = 1; id <= 2; id++) {
                    copy.execute("INSERT INTO users VALUES (" + id + ")");
                    String inserted = "public.users inserted [" + id + "]";
                    watching.changes(all -> watching.published().contains(inserted));
                }
                assertThat(watching.published().stream().filter("public.users resync"::equals))
                        .hasSize(1);
            }
        }
    }

    /** The owner that came with a dump may have had more predecessors: it is no later task. */
    @Test
    void anOwnerThatWasRestoredUnderneathARunningTaskDoesNotEndIt() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.execute("INSERT INTO users VALUES (0)");
            watching.changes(1);
            database.execute("UPDATE ectowatch.\"shop.owner\" SET epoch = 4711, token = 'another@1234/5'");
            watching.changes(all -> watching.published().contains("public.users resync"));
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(all -> watching.published().contains("public.users inserted [2]"));
        }
    }

    @Test
    void whatTheJournalHadWaitsForDurableDeliveryToComeBack() throws Exception {
        Map<String, ?> offset;
        try (Watching durable = Watching.start(database, DURABLE)) {
            database.execute("INSERT INTO users VALUES (1)");
            durable.changes(1);
            offset = durable.lastOffset();
        }
        database.execute("INSERT INTO users VALUES (2), (3)");
        try (Watching notified = Watching.start(database, "tables=users", "delivery.mode=notify")) {
            database.execute("INSERT INTO users VALUES (4)");
            notified.changes(all -> notified.published().contains("public.users inserted [4]"));
        }
        try (Watching durable = Watching.resume(database, offset, DURABLE)) {
            database.execute("INSERT INTO users VALUES (5)");
            durable.changes(all -> durable.published().contains("public.users inserted [5]"));
            assertThat(durable.published())
                    .containsSubsequence(
                            "public.users inserted [2]", "public.users inserted [3]", "public.users inserted [5]")
                    .doesNotContain("public.users inserted [1]", "public.users inserted [4]");
        }
    }
}
