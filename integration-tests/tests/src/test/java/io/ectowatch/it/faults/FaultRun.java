package io.ectowatch.it.faults;

import static org.awaitility.Awaitility.await;

import io.ectowatch.it.TestDatabase;
import io.ectowatch.it.faults.Fault.Injection;
import io.ectowatch.it.faults.PublishedChanges.Difference;
import io.ectowatch.it.faults.WatchedTables.Content;
import io.ectowatch.testkit.ConnectorStatus;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.TopicReader;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Causes faults while writers change the tables, and compares after each fault what was published with the ledger. Reads all
 * topics until it is closed.
 */
final class FaultRun implements AutoCloseable {

    /** Longer than the broker waits for a transaction that was left open. */
    private static final Duration TIMEOUT = Duration.ofSeconds(240);

    /** After this time, the connector is restarted as an operator would do, even if its status is good. */
    private static final Duration OPERATOR = Duration.ofSeconds(45);

    private static final int CHANGES_BETWEEN = 20;

    private final Parts parts;
    private final WatchedTables tables;
    private final Writers writers;
    private final long seed;
    private final Map<String, PublishedChanges> published = new TreeMap<>();
    private final Thread reader;
    private final AtomicLong overAt = new AtomicLong(Long.MAX_VALUE);
    private final AtomicLong firstAt = new AtomicLong();
    private volatile boolean reading = true;
    private volatile Throwable readingFailed;
    private int markers;

    /** Starts to read and to write. The connector must be running. */
    FaultRun(Parts parts, WatchedTables tables, long seed) {
        this.parts = parts;
        this.tables = tables;
        this.seed = seed;
        WatchedTables.NAMES.forEach(name -> published.put(topic(parts.database(), name), new PublishedChanges()));
        reader = new Thread(this::read, "reader");
        reader.start();
        writers = new Writers(parts.database(), seed);
    }

    private static String topic(TestDatabase database, String table) {
        return database.name() + "." + table;
    }

    private void read() {
        String[] topics = published.keySet().toArray(String[]::new);
        try (TopicReader topicReader =
                TopicReader.withoutGroup(parts.stack().kafka().bootstrapServers(), topics)) {
            while (reading) {
                for (ReceivedRecord record : topicReader.poll(Duration.ofMillis(50))) {
                    published.get(record.topic()).apply(record);
                    if (record.receivedAt() - overAt.get() > 0) {
                        firstAt.compareAndSet(0, record.receivedAt());
                    }
                }
            }
        } catch (RuntimeException | Error e) {
            readingFailed = e;
        }
    }

    /** Causes a fault, waits until everything works, and compares. */
    Outcome run(int number, Fault fault, Random random) throws Exception {
        List<String> notes = new ArrayList<>();
        int[] restarts = {0};
        firstAt.set(0);
        overAt.set(Long.MAX_VALUE);
        Injection injection = new Injection(random, () -> overAt.set(System.nanoTime()));
        try {
            fault.action().inject(injection);
        } catch (Exception e) {
            notes.add("while it was injected: " + e);
        }
        injection.over();
        notes.add(0, injection.details());
        mark(restarts, notes);
        long caughtUp = System.nanoTime();
        Outcome outcome = writers.whilePaused(() -> {
            mark(restarts, notes);
            Map<String, Content> contents = retried(tables::take);
            List<Difference> differences = new ArrayList<>();
            int changes = 0;
            for (String table : WatchedTables.NAMES) {
                differences.add(published.get(topic(parts.database(), table)).compare(contents.get(table)));
                changes += contents.get(table).lines();
            }
            return new Outcome(
                    parts.exactlyOnce() ? "exactly-once" : "at-least-once",
                    seed,
                    number,
                    fault.name(),
                    changes,
                    differences,
                    TimeUnit.NANOSECONDS.toMillis(firstAt.get() - injection.overAt()),
                    TimeUnit.NANOSECONDS.toMillis(caughtUp - injection.overAt()),
                    restarts[0],
                    notes);
        });
        await().atMost(TIMEOUT)
                .pollDelay(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() -> tables.lines() >= CHANGES_BETWEEN);
        return outcome;
    }

    /** Writes a marker and waits for its records. Restarts a task that has failed, as an operator would do. */
    private void mark(int[] restarts, List<String> notes) {
        int marker = ++markers;
        retried(() -> {
            tables.mark(marker);
            return true;
        });
        long[] looked = {System.nanoTime()};
        long[] patient = {System.nanoTime() + OPERATOR.toNanos()};
        await("the marker after: " + notes)
                .atMost(TIMEOUT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    if (readingFailed != null) {
                        throw new IllegalStateException("the reader has failed", readingFailed);
                    }
                    if (System.nanoTime() - looked[0] > TimeUnit.MILLISECONDS.toNanos(500)) {
                        restartFailed(restarts, notes);
                        repeat(marker);
                        looked[0] = System.nanoTime();
                    }
                    if (System.nanoTime() - patient[0] > 0) {
                        patient[0] += OPERATOR.toNanos();
                        notes.add("restarted after " + OPERATOR.toSeconds() + " s although the status is "
                                + parts.rest().status(parts.connector()));
                        restarts[0]++;
                        parts.rest().restart(parts.connector());
                    }
                    return published.values().stream().allMatch(changes -> changes.hasMarker(marker));
                });
    }

    /** A marker that was written while the table was not watched does not arrive. */
    private void repeat(int marker) {
        try {
            tables.mark(marker);
        } catch (SQLException e) {
            // The next one may succeed.
        }
    }

    private void restartFailed(int[] restarts, List<String> notes) {
        try {
            ConnectorStatus status = parts.rest().status(parts.connector());
            if (status.anyFailed()) {
                Stream.concat(Stream.of(status.connector()), status.tasks().stream())
                        .filter(part -> part.trace() != null)
                        .forEach(part -> notes.add("FAILED: "
                                + part.trace().lines().limit(1).findFirst().orElse("") + " ... "
                                + part.trace()
                                        .lines()
                                        .filter(line -> line.startsWith("Caused by"))
                                        .toList()));
                restarts[0]++;
                parts.rest().restart(parts.connector());
                Thread.sleep(200);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            notes.add("status: " + e.getMessage());
        }
    }

    private static <T> T retried(Callable<T> work) {
        return await().atMost(TIMEOUT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(work, any -> true);
    }

    @Override
    public void close() {
        writers.close();
        reading = false;
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
