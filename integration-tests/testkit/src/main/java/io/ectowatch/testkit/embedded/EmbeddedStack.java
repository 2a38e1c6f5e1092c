package io.ectowatch.testkit.embedded;

import io.ectowatch.testkit.BuildDirectory;
import io.ectowatch.testkit.ConnectWorker;
import io.ectowatch.testkit.KafkaBroker;
import io.ectowatch.testkit.PostgresServer;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.StartupProgress;
import io.ectowatch.testkit.WorkerGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.AppInfoParser;

/** The stack as processes of this machine, without Docker: real servers on free ports of 127.0.0.1. */
public final class EmbeddedStack implements Stack {

    /** The system property with the JVM options of broker and worker besides their heap, separated by spaces. */
    public static final String JVM_OPTIONS = "stack.jvm.options";

    /** The system property with the options for the broker's heap, separated by spaces. */
    public static final String BROKER_HEAP = "stack.broker.heap";

    /** The system property with the options for the worker's heap, separated by spaces. */
    public static final String WORKER_HEAP = "stack.worker.heap";

    /** The system property with more environment variables of PostgreSQL: {@code NAME=value}, separated by spaces. */
    public static final String POSTGRES_ENVIRONMENT = "stack.postgres.environment";

    /** The system property with more environment variables of the worker: {@code NAME=value}, separated by spaces. */
    public static final String WORKER_ENVIRONMENT = "stack.worker.environment";

    /** The system property with the number of brokers, 1 by default. */
    public static final String BROKERS = "stack.brokers";

    /**
     * The system property for a proxy between the workers and the only broker: {@code LISTENER:PROXY}, two ports of 127.0.0.1.
     * The broker also listens on the first one, and says that it listens on the second one, to which the workers connect. Other
     * clients connect to the broker.
     */
    public static final String BROKER_PROXY = "stack.broker.proxy";

    /** The system property with the number of workers, 1 by default. */
    public static final String WORKERS = "stack.workers";

    private final BuildDirectory build = new BuildDirectory();
    private final Path directory = build.newStackDirectory();
    private final EmbeddedPostgresServer postgres;
    private final EmbeddedCluster kafka;
    private final List<EmbeddedConnectWorker> workers;
    private final Thread atExit = new Thread(this::stopAll, "shutdown of the embedded stack");
    private final List<EmbeddedPostgresServer> standbys = new ArrayList<>();
    private boolean stopped;

    private EmbeddedStack() {
        String classPath = build.kafkaClassPath();
        postgres = new EmbeddedPostgresServer(directory);
        kafka = new EmbeddedCluster(classPath, directory, Integer.getInteger(BROKERS, 1));
        int size = Integer.getInteger(WORKERS, 1);
        workers = IntStream.rangeClosed(1, size)
                .mapToObj(worker -> new EmbeddedConnectWorker(
                        classPath, build.pluginPath(), kafka, directory, size == 1 ? "worker" : "worker-" + worker))
                .toList();
    }

    /** Starts all parts and waits until they answer; reports each. */
    public static Stack start(StartupProgress progress) {
        EmbeddedStack stack = new EmbeddedStack();
        Runtime.getRuntime().addShutdownHook(stack.atExit);
        try {
            stack.startAll(progress);
            return stack;
        } catch (RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    /** The environment variables that a system property has. */
    static Map<String, String> environment(String property) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String variable : System.getProperty(property, "").split(" ")) {
            int end = variable.indexOf('=');
            if (end > 0) {
                variables.put(variable.substring(0, end), variable.substring(end + 1));
            }
        }
        return variables;
    }

    private void startAll(StartupProgress progress) {
        long begin = System.nanoTime();
        CompletableFuture<Void> database = CompletableFuture.runAsync(() -> {
            postgres.create(PostgresBinaries.unpackedIn(build.resolve("postgresql")));
            postgres.start();
            progress.started("PostgreSQL " + postgres.version(), postgres.host() + ":" + postgres.port(), since(begin));
        });
        CompletableFuture<Void> brokersAndWorkers = CompletableFuture.runAsync(() -> {
            kafka.create();
            workers.forEach(EmbeddedConnectWorker::create);
            // The workers wait for the brokers. Their start overlaps with that of the brokers.
            workers.forEach(EmbeddedConnectWorker::launch);
            kafka.start();
            progress.started("Kafka " + AppInfoParser.getVersion(), kafka.bootstrapServers(), since(begin));
            workers.forEach(EmbeddedConnectWorker::awaitHealthy);
            progress.started("Kafka Connect", connect().rest().url().toString(), since(begin));
        });
        try {
            CompletableFuture.allOf(database, brokersAndWorkers).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
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
        return kafka;
    }

    @Override
    public List<KafkaBroker> brokers() {
        return kafka.brokers();
    }

    @Override
    public ConnectWorker connect() {
        return workers.size() == 1 ? workers.get(0) : new WorkerGroup(workers);
    }

    @Override
    public List<ConnectWorker> workers() {
        return List.copyOf(workers);
    }

    @Override
    public Optional<String> testHost() {
        return Optional.of("127.0.0.1");
    }

    @Override
    public synchronized Optional<PostgresServer> startStandby() {
        if (stopped) {
            throw new IllegalStateException("the stack is stopped");
        }
        EmbeddedPostgresServer standby = postgres.standby(directory.resolve("standby-" + standbys.size()));
        standbys.add(standby);
        standby.start();
        return Optional.of(standby);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException exiting) {
            // The JVM is exiting, so the hook runs too. stopAll() does nothing the second time.
        }
        stopAll();
    }

    private synchronized void stopAll() {
        if (stopped) {
            return;
        }
        stopped = true;
        workers.forEach(EmbeddedConnectWorker::discard);
        kafka.discard();
        standbys.forEach(EmbeddedPostgresServer::discard);
        postgres.discard();
        try {
            kafka.delete();
            Directories.delete(directory.resolve("postgres-data"));
            for (int standby = 0; standby < standbys.size(); standby++) {
                Directories.delete(directory.resolve("standby-" + standby));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
