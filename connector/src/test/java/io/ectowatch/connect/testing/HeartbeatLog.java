package io.ectowatch.connect.testing;

import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.ChangeSource;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.Heartbeat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A worker and a broker, as far as heartbeats concern them: Kafka takes records in any order, heartbeats before all others, and
 * the worker commits the offset up to which Kafka has taken all. With exactly-once each poll is a transaction. Checks that no
 * change that Kafka takes for the first time is older than what a heartbeat has said.
 */
public final class HeartbeatLog implements AutoCloseable {

    private record Sent(Delivery delivery, Heartbeat heartbeat) {
        Map<String, ?> offset() {
            return delivery == null ? heartbeat.offset() : delivery.offset();
        }
    }

    private final TestDatabase database;
    private final String[] settings;
    private final boolean exactlyOnce;
    private final Random random;
    private final List<Sent> sent = new ArrayList<>();
    /** By identity: comparing records would take longer than all the rest. */
    private final Set<Sent> unacknowledged = Collections.newSetFromMap(new IdentityHashMap<>());

    private final Set<String> seen = new HashSet<>();
    private final List<Heartbeat> heartbeats = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private Heartbeat.Resolved resolved = new Heartbeat.Resolved(0, 0);
    private Map<String, Object> offset;
    private Watching task;

    public HeartbeatLog(TestDatabase database, boolean exactlyOnce, Random random, String... settings) {
        this.database = database;
        this.exactlyOnce = exactlyOnce;
        this.random = random;
        this.settings = settings;
    }

    public void start() {
        task = Watching.begin(offset, allSettings());
    }

    /** Polls until all triggers exist. */
    public void awaitInstalled() {
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            poll();
            acknowledgeAll();
            return task.source().settled();
        });
    }

    private String[] allSettings() {
        List<String> all =
                new ArrayList<>(List.of("connection.url=" + database.url(), "connection.user=" + database.user()));
        all.addAll(List.of(settings));
        return all.toArray(String[]::new);
    }

    /** Polls once; Kafka takes the heartbeat at once, and later the others. */
    public void poll() throws InterruptedException {
        ChangeSource source = task.source();
        List<Delivery> deliveries = source.poll(1 + random.nextInt(20), 20);
        Heartbeat heartbeat = source.heartbeat();
        source.handedOver(deliveries.size() + (heartbeat == null ? 0 : 1));
        if (heartbeat != null) {
            sent.add(new Sent(null, heartbeat));
        }
        deliveries.forEach(delivery -> sent.add(new Sent(delivery, null)));
        unacknowledged.addAll(sent.subList(sent.size() - deliveries.size(), sent.size()));
        if (exactlyOnce) {
            commitTransaction();
        } else if (heartbeat != null) {
            takeFirst(sent.get(sent.size() - deliveries.size() - 1));
        }
    }

    private void takeFirst(Sent heartbeat) {
        take(heartbeat);
        task.source().acknowledged(heartbeat.offset());
    }

    private void commitTransaction() {
        if (sent.isEmpty()) {
            return;
        }
        offset = new HashMap<>(sent.get(sent.size() - 1).offset());
        sent.forEach(this::take);
        task.source().transactional(true);
        sent.forEach(record -> task.source().acknowledged(record.offset()));
        sent.clear();
        unacknowledged.clear();
    }

    /** Kafka takes some of the records, in any order. */
    public void acknowledge(int count) {
        for (int i = 0; i < count && !unacknowledged.isEmpty(); i++) {
            List<Sent> waiting = sent.stream().filter(unacknowledged::contains).toList();
            Sent next = waiting.get(random.nextInt(waiting.size()));
            unacknowledged.remove(next);
            take(next);
            task.source().acknowledged(next.offset());
        }
    }

    public void acknowledgeAll() {
        acknowledge(sent.size());
    }

    /** The worker commits the offset up to which Kafka has taken all. */
    public void commit() {
        while (!sent.isEmpty() && !unacknowledged.contains(sent.get(0))) {
            offset = new HashMap<>(sent.remove(0).offset());
        }
        task.source().committed();
    }

    private void take(Sent record) {
        if (record.heartbeat() != null) {
            heartbeats.add(record.heartbeat());
            if (record.heartbeat().resolved() != null) {
                resolved = new Heartbeat.Resolved(
                        Math.max(resolved.at(), record.heartbeat().resolved().at()),
                        Math.max(resolved.lsn(), record.heartbeat().resolved().lsn()));
            }
            return;
        }
        Change change = record.delivery().change();
        // Announcements of the task have no LSN, and are made by the worker's clock.
        String[] id = change.id().split("\\.");
        if (id.length == 3 && seen.add(change.id())) {
            if (change.at() < resolved.at() || Long.parseLong(id[1]) < resolved.lsn()) {
                violations.add(
                        Watching.describe(change) + " " + change.id() + " at " + change.at() + " after " + resolved);
            }
        }
    }

    /** The task is gone, and with it all that Kafka has not taken. */
    public void kill() {
        if (task != null) {
            task.close();
            task = null;
        }
        sent.clear();
        unacknowledged.clear();
    }

    /** The number of changes that Kafka has, each once. */
    public int changes() {
        return seen.size();
    }

    /** The number of records, without heartbeats, that Kafka has not acknowledged. */
    public int inFlight() {
        return unacknowledged.size();
    }

    /** What Kafka has of the heartbeats. */
    public List<Heartbeat> heartbeats() {
        return heartbeats;
    }

    public Heartbeat.Resolved resolved() {
        return resolved;
    }

    /** Changes that are older than what a heartbeat before them has said. */
    public List<String> violations() {
        return violations;
    }

    @Override
    public void close() {
        kill();
    }
}
