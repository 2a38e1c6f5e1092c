package io.ectowatch.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ectowatch.testkit.InstalledTriggers;
import io.ectowatch.testkit.PostgresServer;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import io.ectowatch.testkit.choice.Stacks;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Shows the connector at work: starts a {@link Stack}, creates a small shop database, POSTs {@code quickstart.json},
 * changes one row per second and prints each record as it arrives. Ends at Ctrl-C or after {@code -Dquickstart.changes}
 * changes; with {@code -Dquickstart.tour}, after the {@link Tour}.
 */
public final class Quickstart {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Screen screen;
    private final Path config;
    private final int changes;

    /**
     * Starts nothing.
     *
     * @param screen for the output
     * @param config the connector's config, a payload for POST /connectors
     * @param changes the number of changes, or 0 for no limit
     */
    Quickstart(Screen screen, Path config, int changes) {
        this.screen = screen;
        this.config = config;
        this.changes = changes;
    }

    /** Exits with status 1 if a change did not arrive. */
    public static void main(String[] arguments) throws Exception {
        Files.deleteIfExists(BuildProgress.marker());
        // Not System.out, which Maven has replaced by a stream that filters colors.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Screen screen = new Screen(out, Screen.coloursWanted());
        Path config = Path.of(System.getProperty("quickstart.config", "config-examples/quickstart.json"));
        boolean complete;
        try {
            complete = new Quickstart(screen, config, Integer.getInteger("quickstart.changes", 0)).run();
        } catch (Exception e) {
            if (exiting()) {
                blockUntilExit(); // Ctrl-C: the parts stop one after another, so this exception is no failure.
            }
            screen.error("The quickstart failed: " + e.getMessage());
            throw e;
        }
        if (!complete) {
            System.exit(1);
        }
    }

    /** Returns whether all changes arrived. */
    boolean run() throws IOException, SQLException {
        screen.title("EctoWatch for Kafka Connect: quickstart");
        AtomicReference<Stack> started = new AtomicReference<>();
        Thread atExit = new Thread(() -> stop(started.get()), "shutdown of the quickstart");
        Runtime.getRuntime().addShutdownHook(atExit);
        screen.text("Starting PostgreSQL, Kafka and Kafka Connect. This takes about ten seconds.");
        try (Stack stack = Stacks.start(screen::step)) {
            started.set(stack);
            return demonstrate(stack);
        } finally {
            if (!exiting()) {
                Runtime.getRuntime().removeShutdownHook(atExit);
            }
        }
    }

    /** The shutdown hook, for Ctrl-C. The stack is null while it is starting. */
    private void stop(Stack stack) {
        screen.blank();
        screen.text("Stopping ...");
        if (stack != null) {
            stack.close();
            screen.text("Stopped all servers.");
        }
    }

    private boolean demonstrate(Stack stack) throws IOException, SQLException {
        ShopDatabase shop = new ShopDatabase(stack.postgres());
        long begin = System.nanoTime();
        shop.create();
        screen.step("Shop", String.join(", ", ShopDatabase.TABLES), since(begin));
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topics())) {
            createConnector(stack);
            showHowToConnect(stack);
            if (Tour.wanted()) {
                return new Tour(screen, stack, shop, reader, TIMEOUT).run();
            }
            screen.blank();
            screen.text(
                    changes == 0
                            ? "One change per second follows. Ctrl-C stops everything and removes it."
                            : "%d changes follow, one per second.".formatted(changes));
            try (SampleChanges sampleChanges = new SampleChanges(shop.connect())) {
                return new Demonstration(screen, sampleChanges, reader, TIMEOUT).run(changes);
            }
        }
    }

    private void createConnector(Stack stack) throws IOException {
        long begin = System.nanoTime();
        ObjectNode payload = (ObjectNode) JSON.readTree(config.toFile());
        PostgresServer postgres = stack.postgres();
        payload.withObject("config")
                .put("connection.url", postgres.connectorUrl(ShopDatabase.NAME))
                .put("connection.user", postgres.user())
                .put("connection.password", postgres.password());
        if (Tour.wanted()) {
            Tour.configure(payload.withObject("config"));
        }
        String name = payload.get("name").asText();
        stack.connect().rest().postConnector(payload);
        stack.connect().rest().waitUntilRunning(name);
        int triggers = InstalledTriggers.await(postgres, ShopDatabase.NAME, name, ShopDatabase.TABLES);
        screen.step("Connector", "%s is running, %d triggers are installed".formatted(name, triggers), since(begin));
    }

    private void showHowToConnect(Stack stack) {
        PostgresServer postgres = stack.postgres();
        String bootstrapServers = stack.kafka().bootstrapServers();
        screen.title("From another terminal");
        screen.hint(
                "change rows",
                "psql postgresql://%s:%s@%s:%d/%s"
                        .formatted(
                                postgres.user(),
                                postgres.password(),
                                postgres.host(),
                                postgres.port(),
                                ShopDatabase.NAME));
        screen.hint(
                "read the records",
                "kafka-console-consumer.sh --bootstrap-server %s --include 'ectowatch.*' --from-beginning"
                        .formatted(bootstrapServers));
        screen.hint("show the status", "curl " + stack.connect().rest().url() + "/connectors/quickstart/status");
    }

    private static String[] topics() {
        return ShopDatabase.TABLES.stream()
                .flatMap(table -> Stream.of("inserted", "updated", "deleted", "resync")
                        .map(event -> "ectowatch.%s.%s".formatted(table, event)))
                .toArray(String[]::new);
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static boolean exiting() {
        Thread probe = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    private static void blockUntilExit() {
        while (true) {
            LockSupport.park();
        }
    }
}
