package io.ectowatch.connect.testing;

import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.ChangeSource;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.wiring.Components;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A connector's database side at work on a {@link TestDatabase}: everything but Kafka Connect. */
public final class Watching implements AutoCloseable {

    /** The setting that chooses the delivery which is not the default. */
    public static final String NOTIFY = "delivery.mode=notify";

    /** The setting that chooses row triggers for ordinary tables. */
    public static final String ROW_TRIGGERS = "row.triggers=true";

    /** Whether all tests that do not choose run with row triggers: {@code -Drow.triggers=true}. */
    private static final boolean ALL_ROW_TRIGGERS = Boolean.getBoolean("row.triggers");

    private final ChangeSource source;
    private final TaskMetrics metrics = new TaskMetrics();
    private final List<Change> received = new ArrayList<>();

    private final List<Map<String, ?>> unacknowledged = new ArrayList<>();
    private Map<String, Object> lastOffset;
    private boolean acknowledges;

    private Watching(ConnectorConfig config, Map<String, ?> offset) {
        this(config, offset, Components.connections(config));
    }

    private Watching(ConnectorConfig config, Map<String, ?> offset, Connections connections) {
        source = Components.source(config, connections, metrics, offset);
        source.start();
    }

    /** Starts watching with these settings, given as {@code "key=value"}, and waits until all triggers are there. */
    public static Watching start(TestDatabase database, String... settings) throws Exception {
        Watching watching = begin(database, settings);
        watching.awaitInstalled();
        return watching;
    }

    /** As {@link #start}, going on after that offset. */
    public static Watching resume(TestDatabase database, Map<String, ?> offset, String... settings) throws Exception {
        Watching watching = new Watching(config(database, settings), offset);
        watching.awaitInstalled();
        return watching;
    }

    /**
     * As {@link #begin}, on any server: the settings name it.
     *
     * @param offset where to go on, or null
     */
    public static Watching begin(Map<String, ?> offset, String... settings) {
        return new Watching(config(settings), offset);
    }

    /** Receives exactly one change. */
    public Change takeOne() {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> {
            receive(1, 50);
            return !received.isEmpty();
        });
        return received.get(0);
    }

    /** The offset of the last change received, as Connect would have it after writing and reading it. */
    public Map<String, ?> lastOffset() {
        return lastOffset;
    }

    /** From now on Kafka acknowledges each record at once. Without it, a backfill of many rows stops for a while. */
    public Watching acknowledging() {
        acknowledges = true;
        return this;
    }

    /** Does what Connect does when Kafka has taken all that was received: acknowledges and commits, twice over. */
    public void commit() {
        unacknowledged.forEach(source::acknowledged);
        unacknowledged.clear();
        source.committed();
        source.committed();
    }

    /** Waits until all triggers are there. */
    public void awaitInstalled() {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> {
            if (source.settled()) {
                return true;
            }
            if (received.isEmpty()) {
                receive(0, 10);
            } else {
                poll();
            }
            return false;
        });
    }

    /** Receives what is there. */
    public void poll() throws InterruptedException {
        receive(10_000, 10);
    }

    private void receive(int atMost, long waitMs) throws InterruptedException {
        List<Delivery> deliveries = source.poll(atMost, waitMs);
        source.handedOver(deliveries.size());
        for (Delivery delivery : deliveries) {
            received.add(delivery.change());
            if (acknowledges) {
                source.acknowledged(delivery.offset());
            } else {
                unacknowledged.add(delivery.offset());
            }
        }
        if (!deliveries.isEmpty() && deliveries.get(0).offset() != null) {
            lastOffset = new HashMap<>(deliveries.get(deliveries.size() - 1).offset());
        }
    }

    /** As {@link #start}, without the wait. */
    public static Watching begin(TestDatabase database, String... settings) {
        return new Watching(config(database, settings), null);
    }

    /** As {@link #begin}; an error that comes back each time ends it after that time. */
    public static Watching begin(TestDatabase database, Duration retryLimit, String... settings) {
        ConnectorConfig config = config(database, settings);
        return new Watching(config, null, new Connections(Components.connectionSettings(config), retryLimit));
    }

    /** As {@link #begin(TestDatabase, Duration, String...)}, on any server: the settings name it. */
    public static Watching begin(Duration retryLimit, String... settings) {
        ConnectorConfig config = config(settings);
        return new Watching(config, null, new Connections(Components.connectionSettings(config), retryLimit));
    }

    public static ConnectorConfig config(TestDatabase database, String... settings) {
        String[] all = Arrays.copyOf(
                new String[] {"connection.url=" + database.url(), "connection.user=" + database.user()},
                settings.length + 2);
        System.arraycopy(settings, 0, all, 2, settings.length);
        return config(all);
    }

    /** The configuration of these settings alone, which name the server. */
    public static ConnectorConfig config(String... settings) {
        Map<String, String> props = new HashMap<>();
        props.put("name", "shop");
        // The tests' server allows prepared transactions, and with auto no task of theirs would ever sleep.
        props.put("doorbell", "on");
        if (ALL_ROW_TRIGGERS) {
            props.put("row.triggers", "true");
        }
        Arrays.stream(settings).map(setting -> setting.split("=", 2)).forEach(pair -> props.put(pair[0], pair[1]));
        return new ConnectorConfig(props);
    }

    /** Receives until that many changes have come in all; returns all of them. */
    public List<Change> changes(int count) {
        return changes(all -> all.size() >= count);
    }

    /** Receives until what has come in all is enough; returns all of it. */
    public List<Change> changes(Predicate<List<Change>> enough) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> {
            receive(10_000, 50);
            return enough.test(received);
        });
        return received;
    }

    /** What has come so far, as {@code "public.users inserted [7]"}. */
    public List<String> published() {
        return received.stream().map(Watching::describe).toList();
    }

    /**
     * Receives until that many changes of rows have come; returns them, described as in {@link #published}. There may be any
     * number of resyncs among them: a loss may be announced more than once.
     */
    public List<String> changesOfRows(int count) {
        return changes(all -> all.stream().filter(Watching::isOfRow).count() >= count).stream()
                .filter(Watching::isOfRow)
                .map(Watching::describe)
                .toList();
    }

    private static boolean isOfRow(Change change) {
        return change.event() != Event.RESYNC;
    }

    public static String describe(Change change) {
        return change.table().shape().name() + " " + change.event()
                + (change.values() == null ? "" : " " + Arrays.toString(change.values()));
    }

    /** Waits for a resync of every table, and forgets all that came up to it. */
    public void awaitResync() {
        changes(all -> all.stream().anyMatch(change -> change.event() == Event.RESYNC));
        received.clear();
    }

    /** What has come so far. */
    public List<Change> received() {
        return List.copyOf(received);
    }

    public void forget() {
        received.clear();
    }

    public ChangeSource source() {
        return source;
    }

    public TaskMetrics metrics() {
        return metrics;
    }

    @Override
    public void close() {
        source.close();
    }
}
