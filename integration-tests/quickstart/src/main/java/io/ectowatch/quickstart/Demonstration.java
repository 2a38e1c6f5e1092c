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

/** A change a second, and each record as it is consumed. A change and its record know each other by the transaction. */
final class Demonstration {

    private static final long BETWEEN_CHANGES = TimeUnit.SECONDS.toNanos(1);

    private final Screen screen;
    private final Shopkeeper shopkeeper;
    private final TopicReader reader;
    private final Duration patience;

    /** Changes whose record has not been consumed, by transaction. */
    private final Map<Long, Pending> pending = new HashMap<>();

    private final List<Double> milliseconds = new ArrayList<>();

    private record Pending(int number, long committing) {}

    /**
     * A demonstration that has not begun.
     *
     * @param patience how long records are waited for after the last change
     */
    Demonstration(Screen screen, Shopkeeper shopkeeper, TopicReader reader, Duration patience) {
        this.patience = patience;
        this.screen = screen;
        this.shopkeeper = shopkeeper;
        this.reader = reader;
    }

    /** Makes as many changes, or goes on for ever when 0, and returns whether the record of each has arrived. */
    boolean run(int changes) throws SQLException {
        for (int number = 1; changes == 0 || number <= changes; number++) {
            long begin = System.nanoTime();
            change(number);
            showRecordsUntil(begin + BETWEEN_CHANGES, number == changes);
        }
        showRecordsUntil(System.nanoTime() + patience.toNanos(), true);
        return sumUp(changes);
    }

    private void change(int number) throws SQLException {
        Shopkeeper.Change change = shopkeeper.next();
        screen.change(number, change.sql());
        pending.put(change.transactionId(), new Pending(number, System.nanoTime()));
        shopkeeper.commit();
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
            screen.record(record, "not ours");
            return;
        }
        double took = (record.receivedAt() - change.committing()) / 1e6;
        milliseconds.add(took);
        screen.record(record, Screen.milliseconds(took));
    }

    private boolean sumUp(int changes) {
        if (!pending.isEmpty()) {
            Map<Integer, Long> missing = new TreeMap<>();
            pending.forEach((transaction, change) -> missing.put(change.number(), transaction));
            screen.error("%d of %d changes arrived; missing after %d s: %s"
                    .formatted(milliseconds.size(), changes, patience.toSeconds(), missing.keySet()));
            return false;
        }
        milliseconds.sort(null);
        screen.blank();
        screen.text("All %d changes arrived; from commit to consumption, median %s."
                .formatted(changes, Screen.milliseconds(milliseconds.get(milliseconds.size() / 2))));
        return true;
    }
}
