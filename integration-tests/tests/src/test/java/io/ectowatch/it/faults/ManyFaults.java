package io.ectowatch.it.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.it.StackExtension;
import io.ectowatch.it.TestDatabase;
import io.ectowatch.testkit.FreePorts;
import io.ectowatch.testkit.InstalledTriggers;
import io.ectowatch.testkit.Stack;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Causes many faults, one after another, and compares after each what was published with a ledger. {@code
 * integration-tests/faults.sh} runs it; see {@code docs/reliability-run.md}.
 *
 * <ul>
 *   <li>{@code -Dfaults=N}: the number of faults for each mode. Without it, this test is skipped.
 *   <li>{@code -Dfaults.seed}: repeats the random choices of a run.
 *   <li>{@code -Dfaults.minutes}: begins no other fault of a mode after that time.
 *   <li>{@code -Dfaults.kinds}: only faults whose name contains one of these texts, separated by commas.
 *   <li>{@code -Dfaults.results}: the file to which results are appended.
 * </ul>
 */
@ExtendWith({ManyFaults.Preparation.class, StackExtension.class})
abstract class ManyFaults {

    private static Optional<Clocks> clocks = Optional.empty();
    /** Between worker and broker. Null before the first test. */
    private static NetworkProxy brokerNetwork;

    private final Stack stack;
    private final long seed = Long.getLong("faults.seed", System.nanoTime());
    private final Path results = Path.of(System.getProperty("faults.results", "target/faults.jsonl"));

    ManyFaults(Stack stack) {
        this.stack = stack;
    }

    /** Sets what the stack needs, before it starts. Both modes may use the same stack. */
    static final class Preparation implements BeforeAllCallback {
        @Override
        public void beforeAll(ExtensionContext context) throws IOException {
            if (brokerNetwork != null) {
                return;
            }
            int listener = FreePorts.next();
            brokerNetwork = new NetworkProxy("127.0.0.1", listener);
            System.setProperty("stack.broker.proxy", listener + ":" + brokerNetwork.port());
            System.setProperty("stack.worker.heap", "-Xmx256m -XX:+ExitOnOutOfMemoryError");
            clocks = Clocks.prepare();
            if (clocks.isEmpty()) {
                System.out.println("faults: no clock steps: libfaketime is not unpacked in target/libfaketime");
            }
        }
    }

    /** Causes the faults on a worker with or without exactly-once support. */
    final void run(boolean exactlyOnce) throws Exception {
        System.out.println("faults.seed=" + seed);
        if (exactlyOnce) {
            stack.connect().restartWithExactlyOnce(true);
        }
        try (TestDatabase database = new TestDatabase(stack);
                NetworkProxy network = new NetworkProxy(
                        stack.postgres().host(), stack.postgres().port())) {
            Optional<Disks> disks = Disks.mount(stack.postgres(), database.name());
            if (disks.isEmpty()) {
                System.out.println("faults: no full disks: this user cannot mount a tmpfs");
            }
            String role = "keeper_" + database.name();
            WatchedTables tables = new WatchedTables(database);
            tables.create(role);
            Parts parts = new Parts(
                    stack,
                    database,
                    database.connector("faults"),
                    role,
                    config(database, role, network, exactlyOnce),
                    exactlyOnce);
            parts.rest().putConnector(parts.connector(), parts.config());
            parts.rest().waitUntilRunning(parts.connector());
            assertThat(brokerNetwork.sockets())
                    .as("sockets between worker and broker")
                    .isPositive();
            InstalledTriggers.await(stack.postgres(), database.name(), parts.connector(), WatchedTables.NAMES);
            List<Fault> faults = new ArrayList<>(ConnectFaults.of(parts));
            faults.addAll(DatabaseFaults.of(parts));
            faults.addAll(NetworkFaults.ofDatabase(network));
            faults.addAll(NetworkFaults.ofBroker(brokerNetwork));
            faults.addAll(TableFaults.of(parts));
            clocks.ifPresent(each -> faults.addAll(each.faults()));
            disks.ifPresent(each -> faults.addAll(each.faults()));
            try (FaultRun run = new FaultRun(parts, tables, seed)) {
                assertThat(inject(run, chosen(faults))).isEmpty();
            }
        }
    }

    private Map<String, String> config(TestDatabase database, String role, NetworkProxy network, boolean exactlyOnce) {
        Map<String, String> config = database.watching("");
        config.remove("tables");
        config.put("watchers", String.join(", ", WatchedTables.NAMES));
        for (String table : WatchedTables.NAMES) {
            config.put("watchers." + table + ".table", table);
            config.put("watchers." + table + ".extra.columns", "n");
        }
        config.put("events", "inserted,updated,deleted,truncated");
        config.put("connection.url", "jdbc:postgresql://127.0.0.1:%d/%s".formatted(network.port(), database.name()));
        config.put("table.poll.interval.ms", "5000");
        config.put("connection.user", role);
        config.put("connection.password", "right");
        config.put("topic.prefix", database.name());
        config.put("topic.format", "${prefix}.${table}");
        if (exactlyOnce) {
            String boundary = List.of("poll", "interval", "connector").get((int) Math.floorMod(seed, 3L));
            System.out.println("faults: transaction.boundary=" + boundary);
            config.put("exactly.once.support", "required");
            config.put("transaction.boundary", boundary);
            config.put("transaction.boundary.interval.ms", "300");
        }
        return config;
    }

    private static List<Fault> chosen(List<Fault> faults) {
        List<String> kinds = List.of(System.getProperty("faults.kinds", "").split(","));
        return faults.stream()
                .filter(fault -> kinds.stream().anyMatch(fault.name()::contains))
                .toList();
    }

    /** Returns the outcomes that disagree with the promises. */
    private List<Outcome> inject(FaultRun run, List<Fault> faults) throws Exception {
        Random random = new Random(seed);
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(Integer.getInteger("faults.minutes", 600));
        List<Outcome> bad = new ArrayList<>();
        int count = Integer.getInteger("faults");
        for (int number = 1; number <= count && System.nanoTime() < end; number++) {
            Fault fault = drawn(faults, random);
            Random choices = new Random(random.nextLong());
            System.out.println("fault " + number + ": " + fault.name());
            Outcome outcome;
            try {
                outcome = run.run(number, fault, choices);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "faults.seed=" + seed + ": no recovery from fault " + number + ", " + fault.name(), e);
            }
            outcome.append(results);
            System.out.println(outcome);
            if (!outcome.isGood()) {
                bad.add(outcome);
            }
        }
        System.out.println(FaultTable.of(results));
        return bad;
    }

    private static Fault drawn(List<Fault> faults, Random random) {
        int at = random.nextInt(faults.stream().mapToInt(Fault::weight).sum());
        for (Fault fault : faults) {
            at -= fault.weight();
            if (at < 0) {
                return fault;
            }
        }
        throw new AssertionError("the sum of the weights has changed");
    }
}
