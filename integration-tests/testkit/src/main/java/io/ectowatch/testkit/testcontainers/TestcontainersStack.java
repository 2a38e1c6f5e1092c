package io.ectowatch.testkit.testcontainers;

import com.github.dockerjava.api.DockerClient;
import io.ectowatch.testkit.BuildDirectory;
import io.ectowatch.testkit.ConnectWorker;
import io.ectowatch.testkit.FreePorts;
import io.ectowatch.testkit.KafkaBroker;
import io.ectowatch.testkit.PostgresServer;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.StartupProgress;
import io.ectowatch.testkit.container.Container;
import io.ectowatch.testkit.container.ContainerBroker;
import io.ectowatch.testkit.container.ContainerConnectWorker;
import io.ectowatch.testkit.container.ContainerPostgresServer;
import io.ectowatch.testkit.container.DockerEngine;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.AppInfoParser;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** The stack in containers of the public images, started by Testcontainers. Closing it removes the containers. */
public final class TestcontainersStack implements Stack {

    private static final String POSTGRES_IMAGE = "postgres:18";
    private static final String KAFKA_IMAGE = "apache/kafka:" + AppInfoParser.getVersion();
    private static final String PASSWORD = "postgres";

    private final DockerClient docker;
    private final Network network = Network.newNetwork();
    private final PostgreSQLContainer postgresContainer = postgresContainer();
    private final KafkaContainer brokerContainer = brokerContainer();
    private final GenericContainer<?> workerContainer;
    private ContainerPostgresServer postgres;
    private ContainerBroker broker;
    private ContainerConnectWorker worker;

    private TestcontainersStack(DockerClient docker, BuildDirectory build) {
        this.docker = docker;
        workerContainer = new ConnectContainer(KAFKA_IMAGE, build).withNetwork(network);
        Stream.of(postgresContainer, brokerContainer, workerContainer).forEach(TestcontainersStack::fixPorts);
    }

    /** Starts all parts and waits until they answer; reports each. */
    public static Stack start(StartupProgress progress) {
        DockerClient docker = DockerEngine.client();
        DockerEngine.require(docker, POSTGRES_IMAGE);
        DockerEngine.require(docker, KAFKA_IMAGE);
        TestcontainersStack stack = new TestcontainersStack(docker, new BuildDirectory());
        try {
            stack.startAll(progress);
            return stack;
        } catch (RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    private PostgreSQLContainer postgresContainer() {
        return new PostgreSQLContainer(POSTGRES_IMAGE)
                .withUsername("postgres")
                .withPassword(PASSWORD)
                .withDatabaseName("postgres")
                // Replaces the command of Testcontainers, which sets fsync=off.
                .withCommand("postgres", "-c", "wal_level=replica")
                .withNetwork(network)
                .withNetworkAliases("postgres");
    }

    private KafkaContainer brokerContainer() {
        return new KafkaContainer(KAFKA_IMAGE)
                .withListener(ConnectContainer.BOOTSTRAP_SERVERS)
                .withNetwork(network);
    }

    // The engine would choose another port at each start.
    private static void fixPorts(GenericContainer<?> container) {
        container.setPortBindings(container.getExposedPorts().stream()
                .map(port -> FreePorts.next() + ":" + port)
                .toList());
    }

    private void startAll(StartupProgress progress) {
        long begin = System.nanoTime();
        Startables.deepStart(postgresContainer, brokerContainer).join();
        postgres = new ContainerPostgresServer(
                wrapped(postgresContainer, "PostgreSQL"),
                postgresContainer.getHost(),
                postgresContainer.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                PASSWORD);
        broker = new ContainerBroker(
                wrapped(brokerContainer, "The broker"),
                brokerContainer.getBootstrapServers().replaceFirst(".*://", ""));
        postgres.awaitReady();
        progress.started("PostgreSQL " + postgres.version(), postgres.host() + ":" + postgres.port(), since(begin));
        broker.awaitReady();
        progress.started("Kafka " + AppInfoParser.getVersion(), broker.bootstrapServers(), since(begin));
        workerContainer.start();
        worker = new ContainerConnectWorker(
                ConnectContainer.ID,
                wrapped(workerContainer, "The Connect worker"),
                URI.create("http://%s:%d"
                        .formatted(workerContainer.getHost(), workerContainer.getMappedPort(ConnectContainer.PORT))));
        worker.awaitHealthy();
        progress.started("Kafka Connect", worker.rest().url().toString(), since(begin));
    }

    private Container wrapped(GenericContainer<?> container, String name) {
        return new Container(docker, container.getContainerId(), name);
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Override
    public PostgresServer postgres() {
        return postgres;
    }

    @Override
    public KafkaBroker kafka() {
        return broker;
    }

    @Override
    public ConnectWorker connect() {
        return worker;
    }

    @Override
    public Optional<String> testHost() {
        return Optional.of(ConnectContainer.HOST_OF_TESTS);
    }

    @Override
    public void close() {
        List.of(workerContainer, brokerContainer, postgresContainer).forEach(GenericContainer::stop);
        network.close();
    }
}
