package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.EctoWatchSourceConnector;
import io.ectowatch.connect.record.Heartbeat;
import io.ectowatch.connect.testing.HeartbeatLog;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Heartbeats are published while nothing changes, and never promise too much. */
class HeartbeatIT {

    private static final String OFTEN = "heartbeat.interval.ms=100";
    private static final int WRITERS = 5;
    private static final int ROUNDS = 4;
    private static final int STEPS = 100;

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

    /** A session of the application: it opens transactions and subtransactions, and ends or prepares them. */
    private final class Writer {

        private final Statement session = statement();
        private final List<String> prepared = new ArrayList<>();
        private final Random random;
        private final int number;
        private int rows;
        private boolean open;
        private int committed;
        private int written;

        Writer(int number, Random random) throws SQLException {
            this.number = number;
            this.random = random;
        }

        void step() throws SQLException {
            int choice = random.nextInt(12);
            if (!open) {
                if (!prepared.isEmpty() && choice < 4) {
                    session.execute("COMMIT PREPARED '" + prepared.remove(0) + "'");
                    return;
                }
                session.execute("BEGIN");
                open = true;
                written = 0;
            }
            switch (choice) {
                case 0 -> session.execute("SELECT 1"); // a transaction without a number
                case 1 -> end("COMMIT");
                case 2 -> end("ROLLBACK");
                case 3 -> {
                    if (prepared.isEmpty()) {
                        prepare();
                    }
                }
                case 4 -> {
                    session.execute("SAVEPOINT s");
                    insert(1 + random.nextInt(3));
                    session.execute("ROLLBACK TO s");
                }
                case 5 -> {
                    session.execute("SAVEPOINT s");
                    written += insert(1);
                    session.execute("RELEASE s");
                }
                case 6 -> {
                    written += insert(50);
                    end("COMMIT");
                }
                default -> written += insert(1 + random.nextInt(2));
            }
        }

        private int insert(int count) throws SQLException {
            int first = number * 1_000_000 + rows;
            rows += count;
            session.execute("INSERT INTO users SELECT generate_series(" + first + ", " + (first + count - 1) + ")");
            return count;
        }

        private void prepare() throws SQLException {
            String name = "w" + number + "_" + rows + "_" + committed + "_" + database.name();
            committed += written;
            prepared.add(name);
            end("PREPARE TRANSACTION '" + name + "'");
        }

        private void end(String how) throws SQLException {
            committed += how.equals("COMMIT") ? written : 0;
            session.execute(how);
            open = false;
        }

        void finish() throws SQLException {
            if (open) {
                end("COMMIT");
            }
            for (String name : prepared) {
                session.execute("COMMIT PREPARED '" + name + "'");
            }
            prepared.clear();
        }
    }

    private Statement statement() throws SQLException {
        return database.begin("COMMIT");
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, true", "3, false"})
    void whateverIsOpenAndWheneverTheTaskDiesNoLaterChangeIsOlderThanWhatIsResolved(long seed, boolean exactlyOnce)
            throws Exception {
        Random random = new Random(seed);
        List<Writer> writers = new ArrayList<>();
        try (HeartbeatLog kafka =
                new HeartbeatLog(database, exactlyOnce, random, "tables=users", OFTEN, "doorbell=off")) {
            kafka.start();
            kafka.awaitInstalled();
            for (int number = 0; number < WRITERS; number++) {
                writers.add(new Writer(number, random));
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (int step = 0; step < STEPS; step++) {
                    writers.get(random.nextInt(WRITERS)).step();
                    if (random.nextBoolean()) {
                        kafka.poll();
                    }
                    kafka.acknowledge(random.nextInt(8));
                    if (random.nextInt(5) == 0) {
                        kafka.commit();
                    }
                    if (random.nextInt(100) == 0) {
                        kafka.kill();
                        kafka.start();
                    }
                }
                for (Writer writer : writers) {
                    writer.finish();
                }
                long end = database.number("SELECT floor(date_part('epoch', clock_timestamp()) * 1000)::int8");
                await().pollInterval(Duration.ofMillis(1)).until(() -> {
                    kafka.poll();
                    kafka.acknowledgeAll();
                    kafka.commit();
                    return kafka.resolved().at() >= end;
                });
            }

            assertThat(kafka.violations()).isEmpty();
            int committed =
                    writers.stream().mapToInt(writer -> writer.committed).sum();
            assertThat(kafka.changes()).as("all that was committed").isGreaterThanOrEqualTo(committed);
        }
    }

    @Test
    void anOpenTransactionHoldsBackWhatIsResolvedAndNothingElse() throws Exception {
        try (HeartbeatLog kafka = new HeartbeatLog(database, false, new Random(1), "tables=users", OFTEN)) {
            kafka.start();
            await().until(() -> polled(kafka).resolved().at() > 0);
            Statement open = database.begin("INSERT INTO users VALUES (1)");
            long began = database.number("SELECT floor(date_part('epoch', clock_timestamp()) * 1000)::int8");

            int before = kafka.heartbeats().size();
            database.execute("INSERT INTO users VALUES (2)");
            await().until(() ->
                    polled(kafka).changes() == 1 && kafka.heartbeats().size() > before + 3);
            assertThat(kafka.resolved().at()).isLessThanOrEqualTo(began);

            open.execute("COMMIT");
            await().until(() -> polled(kafka).resolved().at() > began);
            assertThat(kafka.changes()).isEqualTo(2);
            assertThat(kafka.violations()).isEmpty();
        }
    }

    @Test
    void aHeartbeatWaitsUntilKafkaHasAcknowledgedWhatPrecedesIt() throws Exception {
        try (HeartbeatLog kafka = new HeartbeatLog(database, false, new Random(1), "tables=users", OFTEN)) {
            kafka.start();
            await().until(() -> polled(kafka).resolved().at() > 0);
            database.execute("INSERT INTO users VALUES (1)");
            await().until(() -> {
                kafka.poll();
                return kafka.inFlight() == 1;
            });
            long inFlight = database.number("SELECT floor(date_part('epoch', clock_timestamp()) * 1000)::int8");

            await().during(Duration.ofMillis(500)).until(() -> {
                kafka.poll();
                return kafka.resolved().at() < inFlight;
            });

            await().until(() -> polled(kafka).resolved().at() > inFlight);
            assertThat(kafka.changes()).isEqualTo(1);
            assertThat(kafka.violations()).isEmpty();
        }
    }

    @Test
    void theOffsetMovesAlthoughTheTablesDoNotChange() throws Exception {
        try (HeartbeatLog kafka = new HeartbeatLog(database, false, new Random(1), "tables=users", OFTEN)) {
            kafka.start();
            await().until(() -> polled(kafka).resolved().at() > 0);
            long began = database.number("SELECT pg_current_xact_id()::text::int8");

            await().until(() -> {
                Object from = last(polled(kafka).heartbeats()).offset().get("from");
                return Long.parseLong(from.toString().split(":")[0]) > began;
            });
            kafka.commit();
            kafka.kill();

            kafka.start();
            database.execute("INSERT INTO users VALUES (1)");
            await().until(() -> polled(kafka).changes() == 1);
            assertThat(kafka.violations()).isEmpty();
        }
    }

    @Test
    void aSuspendedJournalHoldsBackWhatIsResolved() throws Exception {
        database.execute("CREATE TABLE notes (id text PRIMARY KEY)");
        try (HeartbeatLog kafka =
                new HeartbeatLog(database, false, new Random(1), "tables=notes", OFTEN, "journal.max.bytes=1048576")) {
            kafka.start();
            await().until(() -> polled(kafka).resolved().at() > 0);

            database.execute("INSERT INTO notes SELECT string_agg(md5(n || '.' || k), '') FROM"
                    + " generate_series(1, 3000) AS n, generate_series(1, 30) AS k GROUP BY n");
            long suspended = database.number("SELECT floor(date_part('epoch', clock_timestamp()) * 1000)::int8");
            int before = kafka.heartbeats().size();
            // Kafka takes all, but the worker commits nothing: the journal cannot be resumed.
            await().pollInterval(Duration.ofMillis(1))
                    .until(() -> polled(kafka).heartbeats().size() > before + 5);
            assertThat(kafka.resolved().at()).isLessThanOrEqualTo(suspended);
        }
    }

    @Test
    void inNotifyDeliveryAHeartbeatSaysOnlyThatTheTaskListens() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users", Watching.NOTIFY, OFTEN)) {
            List<Heartbeat> heartbeats = new ArrayList<>();
            await().until(() -> {
                watching.poll();
                Heartbeat heartbeat = watching.source().heartbeat();
                if (heartbeat != null) {
                    heartbeats.add(heartbeat);
                }
                return heartbeats.size() >= 3;
            });
            assertThat(heartbeats).allMatch(heartbeat -> heartbeat.resolved() == null && heartbeat.offset() == null);
        }
    }

    @Test
    void aTableWhoseTopicIsThatOfTheHeartbeatsIsRefused() throws Exception {
        database.execute("CREATE TABLE heartbeat (id int PRIMARY KEY)");
        Map<String, String> settings = new HashMap<>(Map.of(
                "name", "shop",
                "connection.url", database.url(),
                "connection.user", database.user(),
                "tables", "heartbeat",
                "topic.format", "${prefix}.${table}",
                "heartbeat.interval.ms", "1000"));
        assertThat(problems(settings))
                .singleElement()
                .asString()
                .contains("The records of public.heartbeat would share the topic ectowatch.heartbeat with the"
                        + " heartbeats. Give the table a watcher with another label or topic, or set"
                        + " heartbeat.interval.ms to 0.");
        settings.put("topic.format", "${prefix}_${table}");
        assertThat(problems(settings)).singleElement().asString().contains("differ only in '.' and '_'");
        settings.remove("heartbeat.interval.ms");
        assertThat(problems(settings)).isEmpty();
    }

    private static List<String> problems(Map<String, String> settings) {
        return new EctoWatchSourceConnector()
                .validate(settings).configValues().stream()
                        .filter(value -> !value.errorMessages().isEmpty())
                        .map(value -> value.name() + ": " + value.errorMessages())
                        .toList();
    }

    private static HeartbeatLog polled(HeartbeatLog kafka) throws InterruptedException {
        kafka.poll();
        kafka.acknowledgeAll();
        return kafka;
    }

    private static Heartbeat last(List<Heartbeat> heartbeats) {
        return heartbeats.get(heartbeats.size() - 1);
    }
}
