package io.ectowatch.testkit.testcontainers;

import io.ectowatch.testkit.BuildDirectory;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.MountableFile;

/** A distributed worker in the broker's image, with the packaged connector and what docker/ adds to that image. */
final class ConnectContainer extends GenericContainer<ConnectContainer> {

    /** The broker, as the worker finds it. */
    static final String BOOTSTRAP_SERVERS = "kafka:19092";

    /** The machine that the tests run on, as the worker finds it. */
    static final String HOST_OF_TESTS = "host.docker.internal";

    static final int PORT = 8083;

    /** What its group calls it. */
    static final String ID = "localhost:" + PORT;

    private static final int EXECUTABLE = 0755;

    ConnectContainer(String image, BuildDirectory build) {
        super(image);
        withCopyFileToContainer(
                MountableFile.forHostPath(build.repository().resolve("docker/connect"), EXECUTABLE), "/opt/ectowatch");
        withCopyFileToContainer(MountableFile.forHostPath(build.plugins()), "/opt/kafka/plugins");
        withExtraHost(HOST_OF_TESTS, "host-gateway");
        withExposedPorts(PORT);
        withEnv(settings());
        withCommand("/opt/ectowatch/run.sh");
    }

    // As for the embedded worker: short sessions, so that a killed worker's successor need not wait for its ghost.
    private static Map<String, String> settings() {
        return Map.ofEntries(
                Map.entry("KAFKA_HEAP_OPTS", "-Xms128m -Xmx512m"),
                Map.entry("CONNECT_BOOTSTRAP_SERVERS", BOOTSTRAP_SERVERS),
                Map.entry("CONNECT_REST_ADVERTISED_HOST_NAME", "localhost"),
                Map.entry("CONNECT_PLUGIN_DISCOVERY", "service_load"),
                Map.entry("CONNECT_CONNECTOR_CLIENT_CONFIG_OVERRIDE_POLICY", "All"),
                Map.entry("CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR", "1"),
                Map.entry("CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR", "1"),
                Map.entry("CONNECT_OFFSET_STORAGE_PARTITIONS", "1"),
                Map.entry("CONNECT_OFFSET_FLUSH_INTERVAL_MS", "500"),
                Map.entry("CONNECT_STATUS_STORAGE_REPLICATION_FACTOR", "1"),
                Map.entry("CONNECT_STATUS_STORAGE_PARTITIONS", "1"),
                Map.entry("CONNECT_SESSION_TIMEOUT_MS", "6000"),
                Map.entry("CONNECT_HEARTBEAT_INTERVAL_MS", "1500"),
                Map.entry("CONNECT_SCHEDULED_REBALANCE_MAX_DELAY_MS", "0"));
    }
}
