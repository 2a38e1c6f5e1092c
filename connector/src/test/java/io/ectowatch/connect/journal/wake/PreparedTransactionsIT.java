package io.ectowatch.connect.journal.wake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.protocol.RingBits;
import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Path;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL refuses to prepare a transaction that has notified: so no trigger may notify where applications prepare. */
class PreparedTransactionsIT {

    private static final String RING = "SELECT last_value FROM ectowatch.\"shop.ring\"";

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    @Test
    void withAutoEachIsPreparedHoweverLongNothingHasCome() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users", "doorbell=auto")) {
            int changes = 10;
            for (int id = 1; id <= changes; id++) {
                awaitQuiet(watching);
                Statement writer = database.begin("INSERT INTO users VALUES (" + id + ")");
                writer.execute("PREPARE TRANSACTION '" + database.name() + "'");
                writer.execute("COMMIT PREPARED '" + database.name() + "'");
                watching.changes(id);
                assertThat(database.number(RING)).isZero();
            }
            assertThat(watching.received()).allMatch(change -> change.event() == Event.INSERTED);
        }
    }

    /** As long as it takes, and longer, until a task that may sleep does. */
    private void awaitQuiet(Watching watching) throws Exception {
        long begun = System.nanoTime();
        while (database.number(RING) == 0 && System.nanoTime() - begun < 100_000_000L) {
            watching.poll();
        }
    }

    @Test
    void withAutoATaskSleepsWhereTheServerPreparesNone(@TempDir Path directory) throws Exception {
        try (OwnServer server = OwnServer.start(directory.resolve("data"), "max_prepared_transactions = 0")) {
            server.execute("CREATE TABLE users (id int PRIMARY KEY)");
            try (Watching watching = Watching.begin(
                    (Map<String, ?>) null,
                    "connection.url=" + server.url(),
                    "connection.user=postgres",
                    "tables=users",
                    "doorbell=auto")) {
                watching.awaitInstalled();
                await().until(() -> {
                    watching.poll();
                    return server.text(RING).equals("" + RingBits.ASLEEP);
                });
                server.execute("INSERT INTO users VALUES (1)");
                watching.changes(1);
                assertThat(watching.published()).containsExactly("public.users inserted [1]");
            }
        }
    }

    @Test
    void aValidationOfNotifyDeliveryWarnsOfThem() {
        try (CapturedLog log = new CapturedLog()) {
            Validation.errors(database, Watching.NOTIFY, "tables=users");
            assertThat(log.text()).contains("PREPARE TRANSACTION fails").contains("delivery.mode=durable");
        }
    }
}
