package io.ectowatch.testkit.embedded;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ConnectWorker;
import io.ectowatch.testkit.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A distributed worker in a separate JVM. */
final class EmbeddedConnectWorker implements ConnectWorker {

    // More than the 70 s for which the open transaction of a killed worker can block reading the offsets.
    private static final Duration TIMEOUT = Duration.ofSeconds(150);

    private static final String HEAP = System.getProperty(EmbeddedStack.WORKER_HEAP, "-Xmx512m");

    private final String classPath;
    private final String plugins;
    private final EmbeddedCluster kafka;
    private final Path settings;
    private final Path log;
    private final int port = FreePorts.next();
    private final ConnectRest rest = new ConnectRest(URI.create("http://127.0.0.1:" + port));
    private JavaProcess process;

    /** Creates no files and starts no process. */
    EmbeddedConnectWorker(String classPath, String plugins, EmbeddedCluster kafka, Path directory, String name) {
        this.classPath = classPath;
        this.plugins = plugins;
        this.kafka = kafka;
        this.settings = directory.resolve(name + ".properties");
        this.log = directory.resolve(name + ".log");
    }

    /** Writes its configuration file. */
    void create() {
        create(false);
    }

    private void create(boolean exactlyOnce) {
        try {
            Files.writeString(
                    settings,
                    settings() + "exactly.once.source.support=" + (exactlyOnce ? "enabled" : "disabled") + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // service_load finds plugins by their manifest alone. Sessions time out soon and tasks are reassigned without
    // delay, so
    // that a restarted worker does not wait for the session of the killed one.
    private String settings() {
        return """
                bootstrap.servers=%1$s
                group.id=connect
                listeners=http://127.0.0.1:%2$d
                rest.advertised.host.name=127.0.0.1
                plugin.path=%3$s
                plugin.discovery=service_load
                key.converter=org.apache.kafka.connect.json.JsonConverter
                key.converter.schemas.enable=false
                value.converter=org.apache.kafka.connect.json.JsonConverter
                value.converter.schemas.enable=false
                connector.client.config.override.policy=All
                config.providers=file
                config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider
                config.storage.topic=connect-configs
                config.storage.replication.factor=%4$d
                offset.storage.topic=connect-offsets
                offset.storage.replication.factor=%4$d
                offset.storage.partitions=1
                offset.flush.interval.ms=500
                status.storage.topic=connect-status
                status.storage.replication.factor=%4$d
                status.storage.partitions=1
                session.timeout.ms=6000
                heartbeat.interval.ms=1500
                scheduled.rebalance.max.delay.ms=0
                """.formatted(kafka.bootstrapServersOfWorkers(), port, plugins, kafka.size());
    }

    /** Starts the process. Does not wait until it is healthy. */
    void launch() {
        launch(List.of(HEAP.split(" ")));
    }

    /** A second process could not listen on the port, and the first one would answer in its place and not be known any more. */
    private void launch(List<String> options) {
        if (process != null && process.isAlive()) {
            throw new IllegalStateException("the Connect worker is running: " + rest.url());
        }
        process = JavaProcess.start(
                "The Connect worker",
                log,
                options,
                EmbeddedStack.environment(EmbeddedStack.WORKER_ENVIRONMENT),
                classPath,
                "org.apache.kafka.connect.cli.ConnectDistributed",
                settings.toString());
    }

    void awaitHealthy() {
        process.awaitReady(TIMEOUT, rest::isHealthy);
    }

    @Override
    public void start() {
        launch();
        awaitHealthy();
    }

    @Override
    public void restartWithExactlyOnce(boolean enabled) {
        killHard();
        create(enabled);
        start();
    }

    @Override
    public void restartWithAgent(Path agent, String options) {
        killHard();
        List<String> all = new ArrayList<>(List.of(HEAP.split(" ")));
        all.add("-javaagent:" + agent + "=" + options);
        launch(all);
        awaitHealthy();
    }

    @Override
    public void killHard() {
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

    @Override
    public String id() {
        return "127.0.0.1:" + port;
    }

    @Override
    public ConnectRest rest() {
        return rest;
    }
}
