package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Statement;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a task's metrics say of its session and its journal. */
class JournalMetricsIT {

    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database = TestDatabase.create();
        database.execute("CREATE TABLE users (id int PRIMARY KEY, text text)");
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void theyFollowTheJournal() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute("INSERT INTO users SELECT n, repeat('x', 100) FROM generate_series(1, 10) AS n");
            watching.changes(10);

            awaitValue(watching, "connected", 1);
            awaitValue(watching, "watched-tables", 1);
            awaitValue(watching, "missing-triggers", 0);
            awaitValue(watching, "journal-suspended", 0);
            awaitValue(watching, "oldest-unread-ms", 0);
            assertThat(metrics(watching)).containsEntry("journal-limit-bytes", 1L << 30);
            await().until(() -> metrics(watching).get("journal-bytes")
                    == database.number("SELECT journal_bytes FROM ectowatch.status"));
        }
    }

    @Test
    void aFullJournalIsShownUntilConnectHasCommitted() throws Exception {
        database.execute("CREATE TABLE notes (id text PRIMARY KEY)");
        try (Watching watching = Watching.start(database, "tables=notes", "journal.max.bytes=1048576")) {
            awaitValue(watching, "journal-suspended", 0);

            database.execute("INSERT INTO notes SELECT string_agg(md5(n || '.' || k), '') FROM"
                    + " generate_series(1, 3000) AS n, generate_series(1, 30) AS k GROUP BY n");

            awaitValue(watching, "journal-suspended", 1);
            assertThat(database.column("SELECT state FROM ectowatch.status")).containsExactly("suspended");
            await().until(() -> {
                watching.poll();
                watching.commit();
                return metrics(watching).get("journal-suspended") == 0;
            });
        }
    }

    @Test
    void whatConnectHasNotCommittedIsCounted() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            watching.poll();
            watching.commit();
            awaitValue(watching, "uncommitted-records", 0);

            database.execute("INSERT INTO users SELECT n FROM generate_series(1, 10) AS n");
            watching.changes(10);

            awaitValue(watching, "uncommitted-records", 10);
            await().until(() -> metrics(watching).get("uncommitted-ms") > 0);
            watching.commit();
            assertThat(metrics(watching))
                    .containsEntry("uncommitted-records", 0L)
                    .containsEntry("uncommitted-ms", 0L);
        }
    }

    @Test
    void aBackfillIsOpenUntilItHasReadAllRows() throws Exception {
        database.execute(
                "CREATE TABLE notes (id text PRIMARY KEY)",
                "INSERT INTO notes SELECT n || repeat('x', 1000) FROM generate_series(1, 20000) AS n");
        try (Watching watching = Watching.start(database, "tables=notes").acknowledging()) {
            awaitValue(watching, "backfills-open", 0);

            database.execute("SELECT ectowatch.backfill('shop', 'notes')");

            // Nobody polls, so that the queue is full before the end, and the backfill waits.
            await().until(() -> metrics(watching).get("backfills-open") == 1
                    && metrics(watching).get("backfill-rows") > 0);
            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.BACKFILLED));
            awaitValue(watching, "backfills-open", 0);
            awaitValue(watching, "backfill-rows", 0);
        }
    }

    @Test
    void eachTableThatLacksItsTriggersIsCounted() throws Exception {
        database.execute("CREATE TABLE notes (id int PRIMARY KEY)", "CREATE TABLE drafts (id int PRIMARY KEY)");
        try (Statement holder = database.begin("LOCK TABLE notes, drafts IN ROW EXCLUSIVE MODE")) {
            try (Watching watching = Watching.begin(database, "tables=users, notes, drafts")) {
                awaitValue(watching, "missing-triggers", 2);
                holder.execute("COMMIT");
                awaitValue(watching, "missing-triggers", 0);
            }
        }
    }

    @Test
    void aLostSessionIsCounted() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            awaitValue(watching, "connected", 1);
            awaitValue(watching, "reconnects-total", 0);

            database.execute("SELECT pg_terminate_backend(session_pid) FROM ectowatch.status");

            awaitValue(watching, "reconnects-total", 1);
            awaitValue(watching, "connected", 1);
        }
    }

    @Test
    void aTaskWhoseJournalAnotherOneHasTakenIsFenced() throws Exception {
        try (Watching earlier = Watching.start(database, "tables=users")) {
            awaitValue(earlier, "fenced", 0);
            try (Watching later = Watching.start(database, "tables=users")) {
                await().untilAsserted(() -> assertThatThrownBy(earlier::poll).isInstanceOf(ConnectException.class));
                assertThat(metrics(earlier)).containsEntry("fenced", 1L);
                awaitValue(later, "fenced", 0);
            }
        }
    }

    private static void awaitValue(Watching watching, String name, long value) {
        await().untilAsserted(() -> {
            watching.poll();
            assertThat(metrics(watching)).containsEntry(name, value);
        });
    }

    private static Map<String, Long> metrics(Watching watching) {
        return watching.metrics().values(true);
    }
}
