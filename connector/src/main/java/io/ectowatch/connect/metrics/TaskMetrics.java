package io.ectowatch.connect.metrics;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a task counts and measures since its start: see {@code docs/monitoring.md}. The MBean is {@code
 * kafka.connect:type=plugins,connector=...,task=...} with every version of Kafka Connect. Thread-safe; the methods that
 * say so are for one thread.
 */
public final class TaskMetrics implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TaskMetrics.class);

    private final LongAdder changes = new LongAdder();
    private final LongAdder lostChanges = new LongAdder();
    private final LongAdder gaps = new LongAdder();
    private final LongAdder unreadableChanges = new LongAdder();
    private final LongAdder contextsLeftOut = new LongAdder();
    private final LongAdder collapsedChanges = new LongAdder();
    private final LongAdder splitTransactions = new LongAdder();
    private final LongAdder connects = new LongAdder();
    private final AtomicLongArray resyncs = new AtomicLongArray(ResyncCause.values().length);
    private final Published published = new Published();
    private final JournalMetrics journal = new JournalMetrics();
    private final TableMetrics tables = new TableMetrics();
    private volatile boolean connected;
    private volatile int watchedTables;
    private volatile int tablesInTrouble;
    private volatile int missingTriggers;
    private @Nullable MetricSink sink;

    /** What the task has published. */
    public Published published() {
        return published;
    }

    /** The state of the journal, for durable delivery. */
    public JournalMetrics journal() {
        return journal;
    }

    /** The counters of single tables. */
    public TableMetrics tables() {
        return tables;
    }

    /** Counts changes that became records. */
    public void changes(int count) {
        changes.add(count);
    }

    /** Counts changes that were received but dropped because the queue was full. */
    public void lostChanges(int count) {
        lostChanges.add(count);
    }

    /** Counts an announced gap: of one table, or of all tables at once. */
    public void gap(ResyncCause cause) {
        gaps.increment();
        resyncs.incrementAndGet(cause.ordinal());
    }

    /** Counts a change that could not be read or published, and was replaced by a resync of its table. */
    public void unreadableChange() {
        unreadableChanges.increment();
    }

    /** Counts a change whose context was left out, or a part of it. */
    public void contextLeftOut() {
        contextsLeftOut.increment();
    }

    /** Counts changes that got no record of their own, because a later record stands for them. */
    public void collapsedChanges(long count) {
        collapsedChanges.add(count);
    }

    /** Counts a Kafka transaction that ended before its database transactions were complete. */
    public void splitTransaction() {
        splitTransactions.increment();
    }

    /** Counts a connection on which the task started to listen or read. */
    public void connect() {
        connects.increment();
        connected = true;
    }

    /** The connection has ended. */
    public void disconnected() {
        connected = false;
    }

    /** Records how many tables are watched now, how many are in trouble, and how many of those watched lack a trigger. */
    public void tables(int watched, int inTrouble, int withoutTriggers) {
        watchedTables = watched;
        tablesInTrouble = inTrouble;
        missingTriggers = withoutTriggers;
    }

    public long watchedTables() {
        return watchedTables;
    }

    public long tablesInTrouble() {
        return tablesInTrouble;
    }

    public long changes() {
        return changes.sum();
    }

    public long lostChanges() {
        return lostChanges.sum();
    }

    public long gaps() {
        return gaps.sum();
    }

    public long resyncs(ResyncCause cause) {
        return resyncs.get(cause.ordinal());
    }

    public long unreadableChanges() {
        return unreadableChanges.sum();
    }

    public long contextsLeftOut() {
        return contextsLeftOut.sum();
    }

    public long collapsedChanges() {
        return collapsedChanges.sum();
    }

    public long splitTransactions() {
        return splitTransactions.sum();
    }

    public long connects() {
        return connects.sum();
    }

    /**
     * Registers all of it with the worker, or with JMX if the worker is older than Kafka Connect 4.1.
     *
     * @param connector the connector's name
     * @param durable whether the connector has a journal
     * @param queuedBytes the memory used by changes that wait for {@code poll()}, in bytes
     */
    public void register(SourceTaskContext context, String connector, boolean durable, LongSupplier queuedBytes) {
        MetricSink chosen;
        try {
            chosen = new PluginSink(context);
        } catch (NoSuchMethodError | NoClassDefFoundError e) {
            log.debug("No plugin metrics, which need Kafka Connect 4.1 or newer: the metrics go to JMX only.");
            chosen = new JmxSink(connector);
        }
        sink = chosen;
        register(chosen, durable, queuedBytes);
        tables.publishTo(chosen);
    }

    /** Called before each poll: registers what could not be registered before. */
    public void retryRegistration() {
        if (sink != null) {
            sink.retry();
        }
    }

    /** The current value of each metric, by its name, followed by the values of its tags. */
    public Map<String, Long> values(boolean durable) {
        Map<String, Long> values = new TreeMap<>();
        MetricSink reader = new MetricSink() {
            @Override
            public void add(String name, String description, Map<String, String> tags, LongSupplier value) {
                values.put(
                        String.join(
                                " ",
                                Stream.concat(Stream.of(name), tags.values().stream())
                                        .toList()),
                        value.getAsLong());
            }

            @Override
            public void close() {
                // It has no resources.
            }
        };
        register(reader, durable, () -> 0);
        tables.register(reader);
        return values;
    }

    void register(MetricSink to, boolean durable, LongSupplier queuedBytes) {
        to.add("connected", "1 while the task has a session that reads or listens, else 0.", () -> connected ? 1 : 0);
        to.add("changes-total", "Changes that were turned into records.", this::changes);
        to.add(
                "lost-changes-total",
                "Changes that were received but dropped because the queue was full.",
                this::lostChanges);
        to.add("gaps-total", "Gaps announced by resync records.", this::gaps);
        for (ResyncCause cause : ResyncCause.values()) {
            to.add(cause.metric(), cause.description(), () -> resyncs(cause));
        }
        to.add(
                "unreadable-changes-total",
                "Changes that could not be read or published; each was replaced by a resync of its table.",
                this::unreadableChanges);
        to.add(
                "contexts-left-out-total",
                "Changes published without their context or a part of it, which was too long or malformed.",
                this::contextsLeftOut);
        to.add(
                "collapsed-changes-total",
                "Changes without a record of their own, because a later record of the row stands for them; counted for each watcher.",
                this::collapsedChanges);
        to.add(
                "split-transactions-total",
                "With transaction.boundary=connector, Kafka transactions that ended before their database transactions were complete.",
                this::splitTransactions);
        to.add("connects-total", "Sessions that the task began to listen or to read the journal with.", this::connects);
        to.add(
                "reconnects-total",
                "Sessions after the first one: each replaced one that was lost.",
                () -> Math.max(connects() - 1, 0));
        to.add("watched-tables", "Tables that are watched now.", this::watchedTables);
        to.add(
                "tables-in-trouble",
                "Tables that cannot be watched, or whose triggers could not be installed yet.",
                this::tablesInTrouble);
        to.add(
                "missing-triggers",
                "Watched tables that lack a trigger, so that their changes are not captured.",
                () -> missingTriggers);
        to.add("queued-bytes", "Bytes of memory used by changes that wait for poll().", queuedBytes);
        published.register(to, durable);
        if (durable) {
            journal.register(to);
        }
    }

    /** Removes what the task has registered with JMX. */
    @Override
    public void close() {
        if (sink != null) {
            sink.close();
        }
    }
}
