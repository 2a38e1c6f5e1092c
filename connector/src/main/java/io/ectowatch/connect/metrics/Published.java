package io.ectowatch.connect.metrics;

import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/** What the task has published, and how far it is behind. The task's thread records; any thread reads. */
public final class Published {

    /** The events, in the order of the numbers by which they are counted. */
    private static final List<String> EVENTS =
            List.of("inserted", "updated", "deleted", "truncated", "resync", "read", "backfilled", "backfill_stopped");

    /** So many of them exist in each delivery; the others belong to backfills. */
    private static final int WITHOUT_BACKFILLS = 5;

    private final AtomicLongArray events = new AtomicLongArray(EVENTS.size());
    private final Distribution behindMs = new Distribution();
    private final Distribution batchRecords = new Distribution();
    private volatile long records;
    private volatile long lastBehindMs;
    private volatile long lastAtMs;
    private volatile long heartbeats;
    /** 0 before the first heartbeat. */
    private volatile long resolvedAtMs;

    Published() {}

    /** Counts a change, by the name of its event. */
    public void change(String event) {
        int number = EVENTS.indexOf(event);
        if (number >= 0) {
            events.lazySet(number, events.get(number) + 1);
        }
    }

    /**
     * Counts a batch that was returned to Kafka Connect.
     *
     * @param count the number of its records, at least 1
     * @param changedAtMs when the last of its changes was made, in milliseconds since 1970
     */
    public void batch(int count, long changedAtMs) {
        long now = System.currentTimeMillis();
        long nanoTime = System.nanoTime();
        records = records + count;
        batchRecords.record(count, nanoTime);
        lastAtMs = now;
        lastBehindMs = Math.max(now - changedAtMs, 0);
        behindMs.record(lastBehindMs, nanoTime);
    }

    /**
     * Counts a heartbeat that was returned to Kafka Connect.
     *
     * @param madeAtMs when it was made, in milliseconds since 1970
     * @param resolvedMs up to when every change has been delivered, or 0 if that is not known
     */
    public void heartbeat(long madeAtMs, long resolvedMs) {
        heartbeats = heartbeats + 1;
        if (resolvedMs != 0) {
            resolvedAtMs = resolvedMs;
        } else if (resolvedAtMs == 0) {
            resolvedAtMs = madeAtMs;
        }
    }

    /** @param durable whether changes come from a journal: then there can be backfills, and heartbeats say what is resolved */
    void register(MetricSink to, boolean durable) {
        for (int event = 0; event < (durable ? EVENTS.size() : WITHOUT_BACKFILLS); event++) {
            int number = event;
            to.add(
                    EVENTS.get(event).replace('_', '-') + "-total",
                    "Changes with the event " + EVENTS.get(event) + " that were turned into records.",
                    () -> events.get(number));
        }
        to.add("records-total", "Records that were returned to Kafka Connect.", () -> records);
        to.add(
                "behind-ms",
                "Milliseconds from the last published change to its hand-over to Kafka Connect.",
                () -> lastBehindMs);
        to.add("behind-ms-max", "The maximum of behind-ms in the last minute.", () -> behindMs.max(System.nanoTime()));
        for (int percent : new int[] {50, 95, 99}) {
            to.add(
                    "behind-ms-p" + percent,
                    "The " + percent + "th percentile of behind-ms in the last minute, over batches.",
                    () -> behindMs.percentile(percent, System.nanoTime()));
        }
        to.add(
                "since-last-change-ms",
                "Milliseconds since the last hand-over; -1 before the first.",
                () -> lastAtMs == 0 ? -1 : Math.max(System.currentTimeMillis() - lastAtMs, 0));
        to.add("heartbeats-total", "Heartbeats that were returned to Kafka Connect.", () -> heartbeats);
        if (durable) {
            to.add(
                    "resolved-behind-ms",
                    "Milliseconds since the time up to which heartbeats say that every change was delivered; 0 before the first.",
                    () -> resolvedAtMs == 0 ? 0 : Math.max(System.currentTimeMillis() - resolvedAtMs, 0));
        }
        to.add(
                "batch-records-avg",
                "The average number of records in a batch in the last minute.",
                () -> batchRecords.average(System.nanoTime()));
        to.add(
                "batch-records-max",
                "The maximum number of records in a batch in the last minute.",
                () -> batchRecords.max(System.nanoTime()));
    }
}
