package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A journal that is full, or that was not read for too long: nothing is written, and a resync is published. */
class SuspensionIT {

    private static final String[] SMALL = {
        "tables=users, other", "delivery.mode=durable", "journal.max.bytes=1048576", "doorbell=off"
    };

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void twoTables() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)", "CREATE TABLE other (id int PRIMARY KEY)");
    }

    /** Every suspension costs the consumers a look at all tables: not one for each few hundred changes. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFullJournalStaysSuspendedUntilConnectHasCommittedWhatItHolds(boolean rowTriggers) throws Exception {
        try (Watching watching = Watching.start(database, small(rowTriggers))) {
            fill();
            watching.awaitResync();
            for (int round = 0; round < 3; round++) {
                write(2_000);
                watching.poll();
            }
            assertThat(database.number("SELECT last_value & 3 FROM ectowatch.\"shop.ring\""))
                    .isEqualTo(3);
            // None of a new suspension; of the one before, the one that follows when open transactions have ended.
            assertThat(resyncs(watching)).hasSizeLessThanOrEqualTo(2);

            awaitGoingOn(watching);
            assertThat(resyncs(watching)).contains("public.users resync", "public.other resync");
            watching.forget();
            database.execute("INSERT INTO other VALUES (1)");
            watching.changes(all -> watching.published().contains("public.other inserted [1]"));
        }
    }

    @Test
    void aJournalThatFillsWhileItsReaderIsPausedTellsItAndGoesOnAfterwards() throws Exception {
        Map<String, ?> offset;
        try (Watching watching = Watching.start(database, SMALL)) {
            database.execute("INSERT INTO other VALUES (1)");
            watching.changes(1);
            watching.commit();
            // Nobody asks the task for anything: Connect has paused it.
            fill();
            // Beside them there are resyncs, if the task has noticed that rows of the table are gone.
            long written = database.number("SELECT count(*) FROM (" + journal() + ") AS j WHERE event = 'i'");
            watching.changes(all ->
                    insertedUsers(watching) >= written - 1 && !resyncs(watching).isEmpty());
            // What was written before it was full is all there.
            assertThat(insertedUsers(watching)).isEqualTo(written - 1);
            awaitGoingOn(watching);
            offset = watching.lastOffset();
        }
        try (Watching watching = Watching.resume(database, offset, SMALL)) {
            database.execute("INSERT INTO other VALUES (2)");
            watching.changes(all -> watching.published().contains("public.other inserted [2]"));
        }
    }

    @Test
    void aTaskThatComesAfterItsLeaseHasEndedTellsItAndGoesOn() throws Exception {
        Map<String, ?> offset;
        try (Watching watching = Watching.start(database, SMALL)) {
            database.execute("INSERT INTO other VALUES (1)");
            watching.changes(1);
            offset = watching.lastOffset();
        }
        database.execute("INSERT INTO other VALUES (2)");
        database.execute("SELECT setval('ectowatch.\"shop.lease\"', 1)");
        write(5_000);
        assertThat(database.number("SELECT last_value & 3 FROM ectowatch.\"shop.ring\""))
                .isEqualTo(3);
        try (Watching watching = Watching.resume(database, offset, SMALL)) {
            watching.changes(all -> resyncs(watching).size() >= 2);
            assertThat(resyncs(watching)).contains("public.users resync", "public.other resync");
            watching.changes(all -> watching.published().contains("public.other inserted [2]"));
            awaitGoingOn(watching);
            database.execute("INSERT INTO other VALUES (3)");
            watching.changes(all -> watching.published().contains("public.other inserted [3]"));
        }
    }

    /** The statements of a client, each of one row. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneRowInAFewHundredChecksTheSizeWhateverHappensToIt(boolean rowTriggers) throws Exception {
        Watching.start(database, small(rowTriggers)).close();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET track_functions = 'all'");
            connection.setAutoCommit(false);
            long before = 0;
            for (String sql : List.of(
                    "INSERT INTO users VALUES (?)",
                    "UPDATE users SET id = id WHERE id = ?",
                    "DELETE FROM users WHERE id = ?")) {
                try (PreparedStatement change = connection.prepareStatement(sql)) {
                    for (int id = 1; id <= 3_000; id++) {
                        change.setInt(1, id);
                        change.addBatch();
                    }
                    change.executeBatch();
                }
                try (ResultSet calls = statement.executeQuery("SELECT coalesce(sum(calls), 0) FROM"
                        + " pg_stat_xact_user_functions WHERE funcname = 'shop.guard'")) {
                    calls.next();
                    // With this limit one in 256. By chance, none of 3,000 is: once in 100,000 times.
                    assertThat(calls.getLong(1) - before).as(sql).isBetween(1L, 60L);
                    before = calls.getLong(1);
                }
            }
        }
    }

    private static String[] small(boolean rowTriggers) {
        return Stream.concat(Arrays.stream(SMALL), Stream.of("row.triggers=" + rowTriggers))
                .toArray(String[]::new);
    }

    /** A change that was lost may be committed after the tables have been read again. */
    @Test
    void aLossThatIsCommittedAfterItsResyncIsAnnouncedAgainAlsoByTheNextTask() throws Exception {
        Map<String, ?> offset;
        try (Connection late = database.connect();
                Statement writer = late.createStatement()) {
            try (Watching watching = Watching.start(database, SMALL)) {
                database.execute("SELECT setval('ectowatch.\"shop.ring\"', 3)");
                writer.execute("BEGIN; INSERT INTO users VALUES (1)");
                database.execute("SELECT setval('ectowatch.\"shop.lost\"', 17)");
                watching.changes(all -> resyncs(watching).size() >= 2);
                offset = watching.lastOffset();
            }
            try (Watching watching = Watching.resume(database, offset, SMALL)) {
                writer.execute("COMMIT");
                watching.changes(all -> resyncs(watching).contains("public.users resync"));
            }
        }
    }

    /** Writes rows one by one until the journal takes no more. */
    private void fill() throws SQLException {
        for (int i = 0; i < 14; i++) {
            write(1_000);
        }
    }

    private void write(int rows) throws SQLException {
        database.execute(
                "DO $$ BEGIN FOR i IN 1.." + rows + " LOOP INSERT INTO users VALUES (i); END LOOP; END $$",
                // Not published: no watcher names this event.
                "TRUNCATE users");
    }

    /** Connect commits what comes, until triggers write again. */
    private void awaitGoingOn(Watching watching) {
        await().until(() -> {
            watching.poll();
            watching.commit();
            return database.number("SELECT last_value & 3 FROM ectowatch.\"shop.ring\"") != 3;
        });
        watching.changes(all -> !resyncs(watching).isEmpty());
    }

    private static long insertedUsers(Watching watching) {
        return watching.published().stream()
                .filter(change -> change.startsWith("public.users inserted"))
                .count();
    }

    private static List<String> resyncs(Watching watching) {
        return watching.changes(all -> true).stream()
                .filter(change -> change.event() == Event.RESYNC)
                .map(Watching::describe)
                .toList();
    }

    private static String journal() {
        return "SELECT event FROM ectowatch.\"shop.journal.0\" UNION ALL SELECT event FROM ectowatch.\"shop.journal.1\""
                + " UNION ALL SELECT event FROM ectowatch.\"shop.journal.2\"";
    }
}
