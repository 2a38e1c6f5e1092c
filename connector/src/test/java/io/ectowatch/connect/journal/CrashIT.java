package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.journal.read.AsynchronousCommits;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that crashes while {@code synchronous_commit} is off, for all or for some: what others have seen may never have
 * happened, and its transaction numbers are given out again.
 */
class CrashIT {

    @TempDir
    Path directory;

    private OwnServer server;

    @BeforeEach
    void aServerThatIsSlowToWrite() throws Exception {
        server = OwnServer.start(directory.resolve("data"), "synchronous_commit = off", "wal_writer_delay = 10s");
        server.execute("CREATE TABLE users (id int PRIMARY KEY)", "CREATE TABLE other (n int)");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Seeded: the seed that failed is in the message. */
    @Test
    void whatWasDeliveredHasHappenedAndHidesNothingThatFollows() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        int rounds = Integer.getInteger("rounds", 6);
        List<String> delivered = new ArrayList<>();
        Map<String, ?> offset = null;
        Watching watching = start(null);
        try {
            watching.awaitInstalled();
            for (int round = 0; round < rounds; round++) {
                if (random.nextBoolean()) {
                    commitSynchronously(watching, round * 100_000 + 80_000);
                }
                crashAmongWrites(watching, round * 100_000, random.nextBoolean(), 1 + random.nextInt(200));
                if (random.nextBoolean()) {
                    // Another task goes on at the last offset; otherwise the same one does when the server is back.
                    delivered.addAll(ids(watching));
                    offset = watching.lastOffset() == null ? offset : watching.lastOffset();
                    watching.close();
                    watching = start(offset);
                }
                server.start();
                server.execute(
                        "SET synchronous_commit = on; INSERT INTO users VALUES (" + (round * 100_000 + 99_999) + ")");
            }
            String last = Integer.toString((rounds - 1) * 100_000 + 99_999);
            Watching remaining = watching;
            watching.changes(all -> ids(remaining).contains(last));
            delivered.addAll(ids(watching));
        } finally {
            watching.close();
        }
        assertThat(delivered).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(inTable());
    }

    /** So many that no commit of another kind is expected any more. */
    private void commitSynchronously(Watching watching, int firstId) throws Exception {
        int rows = AsynchronousCommits.ROWS;
        int before = watching.published().size();
        server.execute("SET synchronous_commit = on; DO $$ BEGIN FOR n IN 0.." + (rows - 1)
                + " LOOP INSERT INTO users VALUES (" + firstId + " + n); END LOOP; END $$");
        watching.changes(before + rows);
    }

    /** Ends the server while some write, once so many changes have come. */
    private void crashAmongWrites(Watching watching, int firstId, boolean someSynchronous, int changes)
            throws Exception {
        int before = watching.published().size();
        CountDownLatch crashed = new CountDownLatch(1);
        // Transactions beside the watched table's take numbers and leave nothing in the journal.
        Thread writer = writer(crashed, "off", "INSERT INTO users SELECT ? + " + firstId);
        // Its flushes take what the others have written with them, and part of it while they are at it.
        Thread more =
                writer(crashed, someSynchronous ? "on" : "off", "INSERT INTO users SELECT ? + " + (firstId + 50_000));
        Thread other = writer(crashed, "off", "INSERT INTO other VALUES (?)");
        watching.changes(before + changes);
        server.crash();
        crashed.countDown();
        writer.join();
        more.join();
        other.join();
    }

    private Thread writer(CountDownLatch crashed, String synchronousCommit, String sql) {
        Thread writer = new Thread(() -> {
            try (Connection connection = server.connect();
                    Statement settings = connection.createStatement();
                    PreparedStatement statement = connection.prepareStatement(sql)) {
                settings.execute("SET synchronous_commit = " + synchronousCommit);
                for (int n = 0; crashed.getCount() > 0; n++) {
                    statement.setInt(1, n);
                    statement.execute();
                }
            } catch (SQLException e) {
                // The crash.
            }
        });
        writer.start();
        return writer;
    }

    private Set<String> inTable() throws SQLException {
        Set<String> ids = new HashSet<>();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id FROM users")) {
            while (row.next()) {
                ids.add(row.getString(1));
            }
        }
        return ids;
    }

    private static List<String> ids(Watching watching) {
        return watching.changes(all -> true).stream()
                .map(change -> change.event() == Event.RESYNC ? "resync" : change.values()[0].toString())
                .toList();
    }

    private Watching start(Map<String, ?> offset) {
        return Watching.begin(
                offset,
                "connection.url=" + server.url(),
                "connection.user=postgres",
                "tables=users",
                "delivery.mode=durable");
    }
}
