package io.ectowatch.testkit;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** The Kafka broker of a {@link Stack}. Killing and starting keep its data and its address. */
public interface KafkaBroker {

    String bootstrapServers();

    /** Whether it takes part in its cluster; an exception also means that it does not. */
    default boolean answers() throws Exception {
        String[] address = bootstrapServers().split(":");
        // First a bare connection: a client would complain in the log for each refused one.
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address[0], Integer.parseInt(address[1])));
        }
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()))) {
            return !admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).isEmpty();
        }
    }

    /** Ends it without notice (SIGKILL) and returns when it is gone. */
    void kill();

    /** Returns when the broker answers. */
    void start();

    default void restart() {
        kill();
        start();
    }
}
