package io.ectowatch.testkit.embedded;

import io.ectowatch.testkit.FreePorts;
import io.ectowatch.testkit.KafkaBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A KRaft node that is broker and controller, in a separate JVM. */
final class EmbeddedBroker implements KafkaBroker {

    private static final Duration TIMEOUT = Duration.ofSeconds(150);
    private static final String PROXY = System.getProperty(EmbeddedStack.BROKER_PROXY, "");
    private static final String HEAP = System.getProperty(EmbeddedStack.BROKER_HEAP, "-Xmx512m");

    private final String classPath;
    private final Path settings;
    private final Path data;
    private final Path log;
    private final int id;
    private final int clusterSize;
    private final int port = FreePorts.next();
    private final int securedPort = FreePorts.next();
    private final int controllerPort = FreePorts.next();
    private JavaProcess process;

    /** Creates no files and starts no process. */
    EmbeddedBroker(String classPath, Path directory, int id, int clusterSize) {
        String name = clusterSize == 1 ? "broker" : "broker-" + id;
        this.classPath = classPath;
        this.settings = directory.resolve(name + ".properties");
        this.data = directory.resolve(name + "-data");
        this.log = directory.resolve(name + ".log");
        this.id = id;
        this.clusterSize = clusterSize;
    }

    /** The node's part of {@code controller.quorum.voters}. */
    String voter() {
        return id + "@127.0.0.1:" + controllerPort;
    }

    /** Writes its configuration file and formats its storage. */
    void create(String clusterId, String voters) {
        try {
            Files.writeString(settings, settings(voters));
            JavaProcess.start(
                            "Formatting the broker's storage",
                            log,
                            "-Xmx128m",
                            classPath,
                            "kafka.tools.StorageTool",
                            "format",
                            "--cluster-id",
                            clusterId,
                            "--config",
                            settings.toString())
                    .awaitSuccess(TIMEOUT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while formatting the broker's storage", e);
        }
    }

    // A killed broker can register again only after its old session has timed out, so the timeout is short.
    private String settings(String voters) {
        return """
                process.roles=broker,controller
                node.id=%4$d
                controller.quorum.voters=%5$s
                controller.listener.names=CONTROLLER
                listeners=PLAINTEXT://127.0.0.1:%1$d,SECURED://127.0.0.1:%6$d,CONTROLLER://127.0.0.1:%2$d%9$s
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d,SECURED://127.0.0.1:%6$d%10$s
                listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SECURED:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT
                inter.broker.listener.name=PLAINTEXT
                listener.name.secured.sasl.enabled.mechanisms=PLAIN
                listener.name.secured.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_user="secret";
                authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
                super.users=User:ANONYMOUS
                log.dirs=%3$s
                auto.create.topics.enable=true
                num.partitions=1
                default.replication.factor=%7$d
                min.insync.replicas=%8$d
                offsets.topic.num.partitions=1
                offsets.topic.replication.factor=%7$d
                transaction.state.log.num.partitions=1
                transaction.state.log.replication.factor=%7$d
                transaction.state.log.min.isr=%8$d
                share.coordinator.state.topic.num.partitions=1
                share.coordinator.state.topic.replication.factor=%7$d
                share.coordinator.state.topic.min.isr=%8$d
                group.initial.rebalance.delay.ms=0
                broker.heartbeat.interval.ms=1000
                broker.session.timeout.ms=4000
                """.formatted(
                        port,
                        controllerPort,
                        data,
                        id,
                        voters,
                        securedPort,
                        clusterSize,
                        Math.max(1, clusterSize - 1),
                        PROXY.isEmpty() ? "" : ",PROXIED://127.0.0.1:" + PROXY.split(":")[0],
                        PROXY.isEmpty() ? "" : ",PROXIED://" + proxy());
    }

    private static String proxy() {
        return "127.0.0.1:" + PROXY.split(":")[1];
    }

    /** The address to which the workers connect. */
    String bootstrapServersOfWorkers() {
        return PROXY.isEmpty() ? bootstrapServers() : proxy();
    }

    /** Starts the process. Does not wait until it answers. */
    void launch() {
        process = JavaProcess.start("The broker", log, HEAP, classPath, "kafka.Kafka", settings.toString());
    }

    void awaitReady() {
        process.awaitReady(TIMEOUT, this::answers);
    }

    @Override
    public void start() {
        launch();
        awaitReady();
    }

    @Override
    public void kill() {
        process.kill();
    }

    @Override
    public void shutDown() {
        process.terminate(TIMEOUT);
    }

    /** Kills the process if it is running. */
    void discard() {
        if (process != null) {
            process.kill();
        }
    }

    /** Deletes its data. */
    void delete() throws IOException {
        Directories.delete(data);
    }

    @Override
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    @Override
    public Optional<String> securedServers() {
        return Optional.of("127.0.0.1:" + securedPort);
    }
}
