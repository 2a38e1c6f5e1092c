package io.ectowatch.testkit;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** The Kafka broker of a {@link Stack}. It keeps its data and its address when it is killed and started. */
public interface KafkaBroker {

    String bootstrapServers();

    /** Whether it is a member of its cluster. An exception also means that it is not. */
    default boolean answers() throws Exception {
        String[] address = bootstrapServers().split(":");
        // Connects a plain socket first: a Kafka client would log each refused connection.
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address[0], Integer.parseInt(address[1])));
        }
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()))) {
            return !admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).isEmpty();
        }
    }

    /** Kills it (SIGKILL) and waits for its end. */
    void kill();

    /** Starts it and waits until it answers. */
    void start();

    /**
     * Lets it end in order (SIGTERM), and waits for its end.
     *
     * @throws UnsupportedOperationException if this stack's broker can only be killed
     */
    default void shutDown() {
        throw new UnsupportedOperationException("this stack's broker can only be killed");
    }

    /**
     * The address of its listener with SASL/PLAIN (SASL_PLAINTEXT), whose users have no privileges at first: {@code user} with
     * the password {@code secret}. Clients of {@link #bootstrapServers} have all privileges. Empty if this stack's broker has
     * none.
     */
    default Optional<String> securedServers() {
        return Optional.empty();
    }

    default void restart() {
        kill();
        start();
    }
}
