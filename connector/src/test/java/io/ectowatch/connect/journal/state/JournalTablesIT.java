package io.ectowatch.connect.journal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of the journal itself: its tables, its sequences, and what is left of it when things go wrong. */
class JournalTablesIT {

    private static final String[] DURABLE = {"tables=users", "delivery.mode=durable"};

    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(5);

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)", "CREATE TABLE other (id int PRIMARY KEY)");
    }

    @Test
    void aTableOfTheJournalIsEmptiedOnceConnectHasCommittedAndNotBefore() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            for (int i = 0; i < 3; i++) {
                database.execute("INSERT INTO users SELECT 2 * g FROM generate_series(1, 200000) g", "TRUNCATE users");
            }
            watching.changes(600_000);
            // Nothing is committed: all of it is still there, for a task that would have to begin again.
            assertThat(database.number(
                            "SELECT sum(length(body) - length(replace(body, '[', ''))) FROM (" + journal() + ") j"))
                    .isEqualTo(600_000);

            watching.forget();
            await().until(() -> {
                // The ring turns when there is something to write, and Connect commits as it goes.
                database.execute("INSERT INTO users SELECT 2 * g FROM generate_series(1, 50000) g", "TRUNCATE users");
                watching.changes(50_000);
                watching.forget();
                watching.commit();
                return database.number("SELECT count(*) FROM (" + journal() + ") j WHERE body LIKE '%[399998]%'") == 0;
            });
        }
    }

    @Test
    void aJournalTableThatSomebodyDroppedFailsNoStatementAndIsAnnouncedAndCreatedAgain() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.execute("DROP TABLE ectowatch.\"shop.journal.0\"", "INSERT INTO users VALUES (1)");
            watching.awaitResync();
            watching.awaitInstalled();
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.INSERTED));
            assertThat(watching.published()).contains("public.users inserted [2]");
        }
    }

    @Test
    void aJournalThatNobodyReadsSuspendsItselfAndTheNextTaskTellsTheConsumers() throws Exception {
        String[] settings = {"tables=users", "delivery.mode=durable", "journal.max.bytes=1048576"};
        Watching.start(database, settings).close();
        long writtenAtLast = 0;
        for (int i = 0; i < 100; i++) {
            database.execute("INSERT INTO users SELECT g FROM generate_series(1, 100) g", "TRUNCATE users");
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("DO $$ BEGIN FOR i IN 1..1000 LOOP INSERT INTO users VALUES (i); END LOOP; END $$");
                statement.execute("TRUNCATE users");
            }
            long size = database.number(
                    "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE relname LIKE 'shop.journal._'");
            if (size == writtenAtLast) {
                break;
            }
            writtenAtLast = size;
        }
        assertThat(writtenAtLast).isLessThan(4 * 1_048_576);

        try (Watching watching = Watching.start(database, settings)) {
            watching.awaitResync();
            await().until(() -> {
                watching.poll();
                watching.commit();
                return database.number("SELECT last_value & 3 FROM ectowatch.\"shop.ring\"") != 3;
            });
            watching.awaitResync();
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.INSERTED));
            assertThat(watching.published()).contains("public.users inserted [1]");
        }
    }

    @Test
    void aSleepingTaskIsWokenAndADeadOneIsNotRungFor() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            long asleep = 0;
            for (int id = 1; id <= 20; id++) {
                await().until(() -> {
                    watching.poll();
                    return database.number("SELECT last_value & 4 FROM ectowatch.\"shop.ring\"") == 4;
                });
                long written = System.nanoTime();
                database.execute("INSERT INTO users VALUES (" + id + ")");
                watching.changes(id);
                asleep += System.nanoTime() - written;
            }
            // By itself it wakes, too.
            assertThat(Duration.ofNanos(asleep)).isLessThan(LONGEST_SLEEP.multipliedBy(20 / 4));
        }
        try (Connection listener = database.connect();
                Statement statement = listener.createStatement()) {
            statement.execute("LISTEN \"ectowatch.shop\"");
            database.execute("INSERT INTO users VALUES (21)");
            assertThat(listener.unwrap(org.postgresql.PGConnection.class).getNotifications(200))
                    .isNullOrEmpty();
        }
    }

    /** Else every statement would try whether the task has died. */
    @Test
    void aTaskThatIsStoppedInItsSleepLeavesNothingForWritersToLookAfter() throws Exception {
        String asleep = "SELECT last_value & 4 FROM ectowatch.\"shop.ring\"";
        try (Watching watching = Watching.start(database, DURABLE)) {
            await().until(() -> {
                watching.poll();
                return database.number(asleep) == 4;
            });
        }
        assertThat(database.number(asleep)).isZero();
    }

    @Test
    void aRoleThatOwnsNothingElseNeedsNoMoreThanForNotifications() throws Exception {
        String role = database.role("connector");
        database.execute("CREATE SCHEMA ectowatch AUTHORIZATION " + role, "GRANT TRIGGER ON users TO " + role);
        String[] settings = {"tables=users", "delivery.mode=durable", "connection.user=" + role};
        Watching.start(database, settings).close();
        database.execute("INSERT INTO users VALUES (1), (2)", "DELETE FROM users WHERE id = 1");
        try (Watching watching = Watching.start(database, settings)) {
            watching.changes(3);
            watching.commit();
            assertThat(watching.published()).endsWith("public.users deleted [1]");
        }
    }

    @Test
    void aJournalWhoseOwnerHasNotBeenSeenForTooLongSuspendsItself() throws Exception {
        Watching.start(database, DURABLE).close();
        database.execute(
                "SELECT setval('ectowatch.\"shop.lease\"', 1)",
                "DO $$ BEGIN FOR i IN 1..5000 LOOP INSERT INTO users VALUES (i); END LOOP; END $$");
        assertThat(database.number("SELECT last_value FROM ectowatch.\"shop.ring\""))
                .isEqualTo(3);
        long suspended = database.number("SELECT count(*) FROM (" + journal() + ") j");
        database.execute("DELETE FROM users");
        assertThat(database.number("SELECT count(*) FROM (" + journal() + ") j"))
                .isEqualTo(suspended);

        try (Watching watching = Watching.start(database, DURABLE)) {
            watching.awaitResync();
        }
    }

    @Test
    void movingBetweenTheDeliveriesLeavesNoTriggerAndLosesNothingThatTheJournalHas() throws Exception {
        Watching.start(database, DURABLE).close();
        database.execute("INSERT INTO users VALUES (1)");
        try (Watching notified = Watching.start(database, "tables=users", "delivery.mode=notify")) {
            notified.awaitResync();
            database.execute("INSERT INTO users VALUES (2)");
            assertThat(notified.changesOfRows(1)).containsExactly("public.users inserted [2]");
        }
        try (Watching durable = Watching.start(database, DURABLE)) {
            database.execute("INSERT INTO users VALUES (3)");
            durable.changes(all -> Watching.describe(all.get(all.size() - 1)).endsWith("[3]"));
            // Changes of which no session received the notification are lost.
            assertThat(durable.published())
                    .startsWith("public.users inserted [1]")
                    .contains("public.users resync")
                    .doesNotContain("public.users inserted [2]");
        }
        assertThat(database.number("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"))
                .isEqualTo(3);
    }

    /** As after a dump without data, of which sequences have nothing but their definition. */
    @Test
    void aJournalWhoseSequencesHaveNeverBeenSetIsWrittenTo() throws Exception {
        Watching.start(database, DURABLE).close();
        database.awaitNoTask();
        database.execute(
                "ALTER SEQUENCE ectowatch.\"shop.ring\" RESTART",
                "ALTER SEQUENCE ectowatch.\"shop.lease\" RESTART",
                "ALTER SEQUENCE ectowatch.\"shop.lost\" RESTART",
                "TRUNCATE ectowatch.\"shop.layouts\", ectowatch.\"shop.owner\"",
                "INSERT INTO users VALUES (1)");
        try (Watching watching = Watching.start(database, "tables=users", "doorbell=off")) {
            database.execute("INSERT INTO users VALUES (2)", "INSERT INTO users VALUES (3), (4)");
            watching.changes(4);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [1]",
                            "public.users inserted [2]",
                            "public.users inserted [3]",
                            "public.users inserted [4]");
        }
    }

    private static String journal() {
        return "SELECT * FROM ectowatch.\"shop.journal.0\" UNION ALL SELECT * FROM ectowatch.\"shop.journal.1\" UNION ALL"
                + " SELECT * FROM ectowatch.\"shop.journal.2\"";
    }
}
