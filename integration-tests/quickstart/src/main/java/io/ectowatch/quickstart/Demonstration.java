package io.ectowatch.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.TopicReader;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Makes one change per second and prints each record as it arrives. Matches records to changes by transaction ID. */
final class Demonstration {

    private static final long BETWEEN_CHANGES = TimeUnit.SECONDS.toNanos(1);

    private final Screen screen;
    private final SampleChanges sampleChanges;
    private final TopicReader reader;
    private final Duration timeout;

    /** Changes whose record has not arrived, by transaction ID. */
    private final Map<Long, Pending> pending = new HashMap<>();

    private final List<Double> milliseconds = new ArrayList<>();

    private record Pending(int number, long committing) {}

    /**
     * Starts nothing.
     *
     * @param timeout for the records after the last change
     */
    Demonstration(Screen screen, SampleChanges sampleChanges, TopicReader reader, Duration timeout) {
        this.timeout = timeout;
        this.screen = screen;
        this.sampleChanges = sampleChanges;
        this.reader = reader;
    }

    /**
     * Makes this number of changes, or runs until the end of the JVM if it is 0. Returns whether all their records
     * arrived.
     */
    boolean run(int changes) throws SQLException {
        for (int number = 1; changes == 0 || number <= changes; number++) {
            long begin = System.nanoTime();
            change(number);
            showRecordsUntil(begin + BETWEEN_CHANGES, number == changes);
        }
        showRecordsUntil(System.nanoTime() + timeout.toNanos(), true);
        return summarize(changes);
    }

    private void change(int number) throws SQLException {
        SampleChanges.Change change = sampleChanges.next();
        screen.change(number, change.sql());
        pending.put(change.transactionId(), new Pending(number, System.nanoTime()));
        sampleChanges.commit();
    }

    private void showRecordsUntil(long deadline, boolean onlyWhilePending) {
        long left = deadline - System.nanoTime();
        while (left > 0 && !(onlyWhilePending && pending.isEmpty())) {
            reader.poll(Duration.ofNanos(left)).forEach(this::show);
            left = deadline - System.nanoTime();
        }
    }

    private void show(ReceivedRecord record) {
        JsonNode transactionId = record.value().path("txid");
        Pending change = pending.remove(transactionId.asLong());
        if (change == null) {
            screen.record(record, "not by the quickstart");
            return;
        }
        double took = (record.receivedAt() - change.committing()) / 1e6;
        milliseconds.add(took);
        screen.record(record, Screen.milliseconds(took));
    }

    private boolean summarize(int changes) {
        if (!pending.isEmpty()) {
            Map<Integer, Long> missing = new TreeMap<>();
            pending.forEach((transaction, change) -> missing.put(change.number(), transaction));
            screen.error("%d of %d changes arrived. Missing after %d s: %s"
                    .formatted(milliseconds.size(), changes, timeout.toSeconds(), missing.keySet()));
            return false;
        }
        milliseconds.sort(null);
        screen.blank();
        screen.text("All %d changes arrived. The median time from commit to consumer is %s."
                .formatted(changes, Screen.milliseconds(milliseconds.get(milliseconds.size() / 2))));
        return true;
    }
}
