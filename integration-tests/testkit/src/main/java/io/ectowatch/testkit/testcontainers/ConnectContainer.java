package io.ectowatch.testkit.testcontainers;

import io.ectowatch.testkit.BuildDirectory;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.MountableFile;

/** A distributed worker in the image of the broker, with the packaged connector and the scripts of docker/connect. */
final class ConnectContainer extends GenericContainer<ConnectContainer> {

    /** The broker's address, as seen by the worker. */
    static final String BOOTSTRAP_SERVERS = "kafka:19092";

    /** The host name of the tests' machine, as seen by the worker. */
    static final String HOST_OF_TESTS = "host.docker.internal";

    static final int PORT = 8083;

    /** The address that it advertises to its group. */
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

    // Short session timeouts, as for the embedded worker.
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
