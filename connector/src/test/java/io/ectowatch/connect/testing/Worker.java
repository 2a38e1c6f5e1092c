package io.ectowatch.connect.testing;

import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.Delivery;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a Connect worker does with a task, one step at a time: it polls, sends, hears from Kafka what that has taken,
 * commits the offset of the last record before which all have been taken, and may die after each of these.
 */
public final class Worker implements AutoCloseable {

    private final TestDatabase database;
    private final String[] settings;
    private final Deque<Delivery> inFlight = new ArrayDeque<>();
    private final Deque<Delivery> taken = new ArrayDeque<>();
    private final List<Change> committed = new ArrayList<>();
    private Map<String, Object> offset;
    private Watching task;

    public Worker(TestDatabase database, String... settings) {
        this.database = database;
        this.settings = settings;
    }

    /** Starts the task where the committed offset says. */
    public void start() throws Exception {
        task = offset == null
                ? Watching.start(database, settings)
                : Watching.resume(database, new HashMap<>(offset), settings);
    }

    /** Polls once; what comes is on its way to Kafka. */
    public int poll(int atMost, long waitMs) throws InterruptedException {
        List<Delivery> deliveries = task.source().poll(atMost, waitMs);
        task.source().handedOver(deliveries.size());
        inFlight.addAll(deliveries);
        return deliveries.size();
    }

    /** Kafka acknowledges the next so many of the records on their way. */
    public void acknowledge(int count) {
        for (int i = 0; i < count && !inFlight.isEmpty(); i++) {
            Delivery delivery = inFlight.removeFirst();
            task.source().acknowledged(delivery.offset());
            taken.addLast(delivery);
        }
    }

    /** Writes the offset of the last record that Kafka has taken, as it is kept: without telling the task. */
    public void writeOffset() {
        if (!taken.isEmpty()) {
            offset = new HashMap<>(taken.getLast().offset());
            taken.forEach(delivery -> committed.add(delivery.change()));
            taken.clear();
        }
    }

    /** Tells the task that an offset has been committed. */
    public void notifyCommitted() {
        task.source().committed();
    }

    public int inFlight() {
        return inFlight.size();
    }

    /** The task is gone, and with it all that was not written. */
    public void kill() {
        if (task != null) {
            task.close();
            task = null;
        }
        inFlight.clear();
        taken.clear();
    }

    /** What the committed offset covers, as {@code "public.users inserted [7]"}, in the order of its coming. */
    public List<String> committed() {
        return committed.stream().map(Watching::describe).toList();
    }

    /** What the committed offset covers, in the order of its coming. */
    public List<Change> changes() {
        return List.copyOf(committed);
    }

    @Override
    public void close() {
        kill();
    }
}
