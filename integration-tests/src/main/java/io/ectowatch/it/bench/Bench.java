package io.ectowatch.it.bench;

import io.ectowatch.it.Stack;

/** Runs the benchmark that {@code -Dbench=} names, on a fresh {@link Stack}. */
public final class Bench {

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        String name = System.getProperty("bench", "");
        if (!name.equals("latency") && !name.equals("bulk")) {
            throw new IllegalArgumentException("-Dbench=" + name + " is not known; known are: latency, bulk");
        }
        try (Stack stack = Stack.start()) {
            if (name.equals("latency")) {
                new LatencyBench(stack).run();
            } else {
                new BulkBench(stack).run();
            }
        }
    }
}
