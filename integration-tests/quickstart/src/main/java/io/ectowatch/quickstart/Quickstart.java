package io.ectowatch.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ectowatch.testkit.InstalledTriggers;
import io.ectowatch.testkit.PostgresServer;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
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
 * The whole product on one screen: starts a {@link Stack}, creates a small shop, POSTs {@code quickstart.json}, changes a
 * row a second and shows each record as it is consumed, until Ctrl-C or for {@code -Dquickstart.changes} changes.
 */
public final class Quickstart {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Screen screen;
    private final Path config;
    private final int changes;

    /**
     * A quickstart that has not begun.
     *
     * @param screen where it prints
     * @param config the connector's config, a payload for POST /connectors
     * @param changes after how many changes it ends; 0 for never
     */
    Quickstart(Screen screen, Path config, int changes) {
        this.screen = screen;
        this.config = config;
        this.changes = changes;
    }

    /** Ends the JVM with 1 if not all changes have arrived. */
    public static void main(String[] arguments) throws Exception {
        Files.deleteIfExists(BuildProgress.marker());
        // Not System.out, for Maven has put a filter of colours over it.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Screen screen = new Screen(out, Screen.coloursWanted());
        Path config = Path.of(System.getProperty("quickstart.config", "config-examples/quickstart.json"));
        boolean complete;
        try {
            complete = new Quickstart(screen, config, Integer.getInteger("quickstart.changes", 0)).run();
        } catch (Exception e) {
            if (exiting()) {
                waitForTheEnd(); // Ctrl-C: the parts end one after another, and this is one of them missing another.
            }
            screen.error("The quickstart has failed: " + e.getMessage());
            throw e;
        }
        if (!complete) {
            System.exit(1);
        }
    }

    /** Returns whether every change has arrived. */
    boolean run() throws IOException, SQLException {
        screen.title("EctoWatch for Kafka Connect: quickstart");
        AtomicReference<Stack> started = new AtomicReference<>();
        Thread atExit = new Thread(() -> stop(started.get()), "end of the quickstart");
        Runtime.getRuntime().addShutdownHook(atExit);
        screen.text("Starting PostgreSQL, Kafka and Kafka Connect, some ten seconds ...");
        try (Stack stack = Stack.start(screen::step)) {
            started.set(stack);
            return demonstrate(stack);
        } finally {
            if (!exiting()) {
                Runtime.getRuntime().removeShutdownHook(atExit);
            }
        }
    }

    /** Runs when the JVM ends before the quickstart has, on Ctrl-C above all. The stack is null while it is starting. */
    private void stop(Stack stack) {
        screen.blank();
        screen.text("Stopping ...");
        if (stack != null) {
            stack.close();
            screen.text("Stopped. Nothing of it is left running.");
        }
    }

    private boolean demonstrate(Stack stack) throws IOException, SQLException {
        ShopDatabase shop = new ShopDatabase(stack.postgres());
        long begin = System.nanoTime();
        shop.create();
        screen.step("Shop", String.join(", ", ShopDatabase.TABLES), since(begin));
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topics())) {
            createConnector(stack);
            tellHowToJoinIn(stack);
            try (Shopkeeper shopkeeper = new Shopkeeper(shop.connect())) {
                return new Demonstration(screen, shopkeeper, reader, PATIENCE).run(changes);
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
        String name = payload.get("name").asText();
        stack.connect().rest().postConnector(payload);
        stack.connect().rest().waitUntilRunning(name);
        int triggers = InstalledTriggers.await(postgres, ShopDatabase.NAME, name, ShopDatabase.TABLES);
        screen.step("Connector", "%s runs, %d triggers are in place".formatted(name, triggers), since(begin));
    }

    private void tellHowToJoinIn(Stack stack) {
        PostgresServer postgres = stack.postgres();
        String bootstrapServers = stack.kafka().bootstrapServers();
        screen.title("Join in from another terminal");
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
        screen.hint("ask Connect", "curl " + stack.connect().rest().url() + "/connectors/quickstart/status");
        screen.blank();
        screen.text(
                changes == 0
                        ? "Now one change a second. Ctrl-C stops everything and removes it."
                        : "Now %d changes, one a second.".formatted(changes));
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

    private static void waitForTheEnd() {
        while (true) {
            LockSupport.park();
        }
    }
}
