package io.ectowatch.it.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * The control: the least code that carries a row change to Kafka. A row trigger notifies, this loop listens and hands
 * the payload to a producer. It survives nothing.
 */
final class BareLoop implements AutoCloseable {

    private static final int WAIT_MILLIS = 500;

    private final Connection connection;
    private final String channel;
    private final KafkaProducer<String, String> producer;
    private final Thread thread = new Thread(this::loop, "bare loop");
    private final AtomicReference<SQLException> failure = new AtomicReference<>();
    private volatile boolean ended;

    /** Listens on the channel, to produce to the topic of that name. The connection is its own from now on. */
    BareLoop(Connection connection, String channel, String bootstrapServers) throws SQLException {
        this.connection = connection;
        this.channel = channel;
        this.producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers, ProducerConfig.LINGER_MS_CONFIG, 0),
                new StringSerializer(),
                new StringSerializer());
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN " + channel);
        }
    }

    void start() {
        thread.start();
    }

    private void loop() {
        try {
            PGConnection listening = connection.unwrap(PGConnection.class);
            while (!ended) {
                PGNotification[] notifications = listening.getNotifications(WAIT_MILLIS);
                if (notifications != null) {
                    for (PGNotification notification : notifications) {
                        producer.send(new ProducerRecord<>(
                                channel, notification.getParameter(), notification.getParameter()));
                    }
                }
            }
        } catch (SQLException e) {
            failure.set(e);
        }
    }

    @Override
    public void close() throws SQLException {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
        connection.close();
        if (failure.get() != null) {
            throw failure.get();
        }
    }
}
