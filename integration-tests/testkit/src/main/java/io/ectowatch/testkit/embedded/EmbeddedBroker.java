package io.ectowatch.testkit.embedded;

import io.ectowatch.testkit.FreePorts;
import io.ectowatch.testkit.KafkaBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.common.Uuid;

/** A KRaft node that is broker and controller, in a separate JVM. */
final class EmbeddedBroker implements KafkaBroker {

    private static final Duration TIMEOUT = Duration.ofSeconds(150);
    private static final String HEAP = System.getProperty(EmbeddedStack.BROKER_HEAP, "-Xmx512m");

    private final String classPath;
    private final Path settings;
    private final Path data;
    private final Path log;
    private final int port = FreePorts.next();
    private final int controllerPort = FreePorts.next();
    private JavaProcess process;

    /** Creates no files and starts no process. */
    EmbeddedBroker(String classPath, Path directory) {
        this.classPath = classPath;
        this.settings = directory.resolve("broker.properties");
        this.data = directory.resolve("broker-data");
        this.log = directory.resolve("broker.log");
    }

    /** Writes its configuration file and formats its storage. */
    void create() {
        try {
            Files.writeString(settings, settings());
            JavaProcess.start(
                            "Formatting the broker's storage",
                            log,
                            "-Xmx128m",
                            classPath,
                            "kafka.tools.StorageTool",
                            "format",
                            "--cluster-id",
                            Uuid.randomUuid().toString(),
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
    private String settings() {
        return """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%2$d
                controller.listener.names=CONTROLLER
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
                listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
                log.dirs=%3$s
                auto.create.topics.enable=true
                num.partitions=1
                default.replication.factor=1
                offsets.topic.num.partitions=1
                offsets.topic.replication.factor=1
                transaction.state.log.num.partitions=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                share.coordinator.state.topic.num.partitions=1
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                group.initial.rebalance.delay.ms=0
                broker.heartbeat.interval.ms=1000
                broker.session.timeout.ms=4000
                """.formatted(port, controllerPort, data);
    }

    @Override
    public void start() {
        process = JavaProcess.start("The broker", log, HEAP, classPath, "kafka.Kafka", settings.toString());
        process.awaitReady(TIMEOUT, this::answers);
    }

    @Override
    public void kill() {
        process.kill();
    }

    /** Kills the process if it is running. */
    void discard() {
        if (process != null) {
            process.kill();
        }
    }

    @Override
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }
}
