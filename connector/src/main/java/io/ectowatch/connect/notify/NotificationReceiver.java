package io.ectowatch.connect.notify;

import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.OperatorException;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads one listening connection into the queue, and checks that it is alive. */
final class NotificationReceiver {

    private static final Logger log = LoggerFactory.getLogger(NotificationReceiver.class);

    private static final int PROBE_WAIT_MS = 500;

    /** A silent socket may be dead, so the server gets a query this often. */
    private static final long PING_NS = TimeUnit.SECONDS.toNanos(5);

    /** Payloads by which the connector tests its own listening; those of changes begin with a layout instead. */
    private static final String PROBE = "[\"probe\",\"";

    private final Connection connection;
    private final PGConnection notifications;
    private final ObjectNames names;
    private final PayloadQueue queue;
    private final TaskMetrics metrics;
    private long lastPing = System.nanoTime();
    private @Nullable String lostCount;
    /**
     * A change that could not be announced may be committed only after the gap was announced and the table was read
     * again. So a gap is announced once more when every transaction below this one has ended.
     */
    private long openUntil;

    private @Nullable String heardProbe;
    private boolean dropping;

    NotificationReceiver(Connection connection, ObjectNames names, PayloadQueue queue, TaskMetrics metrics)
            throws SQLException {
        this.connection = connection;
        this.notifications = connection.unwrap(PGConnection.class);
        this.names = names;
        this.queue = queue;
        this.metrics = metrics;
    }

    void listen() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN " + SqlText.identifier(names.channel()));
        }
    }

    /**
     * Sends a notification over another connection and waits for it. A pooler that shares sessions between
     * transactions accepts LISTEN, but then delivers nothing.
     *
     * @throws ConnectException if it does not arrive in time
     */
    void proveThatItHears(Connection other, int timeoutMs) throws SQLException {
        String probe = PROBE + UUID.randomUUID() + "\"]";
        try (PreparedStatement statement = other.prepareStatement("SELECT pg_notify(?, ?)")) {
            statement.setString(1, names.channel());
            statement.setString(2, probe);
            statement.execute();
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (!probe.equals(heardProbe)) {
            if (System.nanoTime() - deadline > 0) {
                throw new OperatorException("connection.url: LISTEN succeeds, but notifications do not arrive. This"
                        + " happens with a connection pooler in transaction mode. Connect to PostgreSQL directly, or"
                        + " to a pooler in session mode.");
            }
            receive(PROBE_WAIT_MS);
        }
    }

    /**
     * Waits for notifications for a short time and queues them.
     *
     * @param waitMs how long, in milliseconds; not 0, which means forever
     * @throws SQLException if the connection is broken
     */
    void once(int waitMs) throws SQLException {
        if (System.nanoTime() - lastPing >= PING_NS) {
            ping();
        }
        receive(waitMs);
    }

    private void receive(int waitMs) throws SQLException {
        PGNotification[] received = notifications.getNotifications(waitMs);
        if (received == null) {
            return;
        }
        TransactionOrder order = new TransactionOrder();
        for (PGNotification notification : received) {
            String payload = notification.getParameter();
            if (payload.startsWith(PROBE)) {
                heardProbe = payload;
            } else {
                order.add(payload);
            }
        }
        order.payloads().forEach(this::enqueue);
    }

    private void enqueue(String payload) {
        if (queue.offer(payload)) {
            dropping = false;
            return;
        }
        metrics.lostChanges(PayloadReader.countChanges(payload));
        if (!dropping) {
            dropping = true;
            log.warn(
                    "Connector {}: the queue of notifications is full (notify.queue.max.bytes), because the task is"
                            + " paused or slow. Further notifications are dropped until half of it is free; then resync"
                            + " records are published.",
                    names.connector());
        }
    }

    /**
     * Checks that the connection is alive, and detects losses that the triggers could not announce. The first call
     * has nothing to compare with, so it has to come before the triggers.
     */
    void ping() throws SQLException {
        lastPing = System.nanoTime();
        String before = lostCount;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(names.readLost())) {
            row.next();
            lostCount = row.getString(1);
            if (before != null && !lostCount.equals(before)) {
                openUntil = row.getLong(3);
                queue.offerGap("the server's notification queue was more than half full");
            } else if (openUntil > 0 && row.getLong(2) >= openUntil) {
                openUntil = 0;
                queue.offerGap("transactions that were open at the previous gap have ended");
            }
        }
    }
}
