package io.ectowatch.testkit.compose;

import com.github.dockerjava.api.DockerClient;
import io.ectowatch.testkit.ConnectWorker;
import io.ectowatch.testkit.KafkaBroker;
import io.ectowatch.testkit.PostgresServer;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.StartupProgress;
import io.ectowatch.testkit.WorkerGroup;
import io.ectowatch.testkit.compose.ComposeProject.Address;
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

/**
 * The stack of docker/compose.yaml, with two workers. Uses the services if they are running, and leaves them running,
 * but first removes what earlier tests have left in them. Otherwise starts them, and removes them at the end.
 */
public final class ComposeStack implements Stack {

    private final ComposeProject project;
    private final boolean started;
    private final ContainerPostgresServer postgres;
    private final ContainerBroker broker;
    private final List<ContainerConnectWorker> workers;

    private ComposeStack(ComposeProject project, boolean started) {
        this.project = project;
        this.started = started;
        Address database = project.address("postgres", 5432, 5432);
        postgres = new ContainerPostgresServer(
                project.container("postgres"),
                database.host(),
                database.port(),
                project.variable("postgres", "POSTGRES_PASSWORD"));
        broker = new ContainerBroker(
                project.container("kafka"),
                project.address("kafka", 19092, 9092).toString());
        workers = Stream.of("connect-1", "connect-2")
                .map(service -> new ContainerConnectWorker(
                        service + ":8083",
                        project.container(service),
                        URI.create("http://" + project.address(service, 8083, 8083))))
                .toList();
    }

    /**
     * Connects to the running services or starts them, and waits until all parts answer; reports each.
     *
     * @throws io.ectowatch.testkit.StackUnavailableException if this machine lacks what it needs
     */
    public static Stack start(StartupProgress progress) {
        DockerClient docker = DockerEngine.client();
        ComposeProject project = new ComposeProject(docker);
        boolean started = !project.runs("connect-1");
        if (started) {
            project.up();
        }
        ComposeStack stack = new ComposeStack(project, started);
        stack.awaitAll(progress);
        new StaleTestData(stack).remove();
        return stack;
    }

    private void awaitAll(StartupProgress progress) {
        long begin = System.nanoTime();
        postgres.start();
        progress.started("PostgreSQL " + postgres.version(), postgres.host() + ":" + postgres.port(), since(begin));
        broker.start();
        progress.started("Kafka " + AppInfoParser.getVersion(), broker.bootstrapServers(), since(begin));
        for (ContainerConnectWorker worker : workers) {
            worker.start();
            progress.started("Kafka Connect", worker.rest().url().toString(), since(begin));
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
        return broker;
    }

    @Override
    public ConnectWorker connect() {
        return new WorkerGroup(workers);
    }

    @Override
    public List<ConnectWorker> workers() {
        return List.copyOf(workers);
    }

    @Override
    public Optional<String> testHost() {
        return project.hostOfThisContainer();
    }

    @Override
    public void close() {
        if (started) {
            project.down();
        }
    }
}
