package io.ectowatch.it.bench;

import io.ectowatch.it.ConnectorConfig;
import io.ectowatch.it.InstalledTriggers;
import io.ectowatch.it.Stack;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs the benchmark that {@code -Dbench=} names, on a fresh {@link Stack}; {@code -Dbench.delivery=durable} for that. */
public final class Bench {

    private Bench() {}

    private interface Benchmark {
        void run(Stack stack) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, Benchmark> known = new TreeMap<>();
        known.put("latency", stack -> new LatencyBench(stack).run());
        known.put("bulk", stack -> new BulkBench(stack).run());
        known.put("writers", stack -> new WritersBench(stack).run());
        String name = System.getProperty("bench", "");
        if (!known.containsKey(name)) {
            throw new IllegalArgumentException(
                    "-Dbench=" + name + " is not known; known are: " + String.join(", ", known.keySet()));
        }
        try (Stack stack = Stack.start()) {
            known.get(name).run(stack);
        }
    }

    static String delivery() {
        return System.getProperty("bench.delivery", "notify");
    }

    /** Has the connector watch a table, and waits until it does. */
    static void watch(Stack stack, String table) {
        Map<String, String> config = ConnectorConfig.watching(stack.postgres(), "postgres", table);
        config.put("delivery.mode", delivery());
        stack.connect().rest().putConnector("bench", config);
        stack.connect().rest().waitUntilRunning("bench");
        InstalledTriggers.await(stack.postgres(), "postgres", "bench", List.of(table));
    }
}
