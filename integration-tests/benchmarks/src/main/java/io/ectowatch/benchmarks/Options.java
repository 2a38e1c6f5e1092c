package io.ectowatch.benchmarks;

import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The lengths of a run. Each is a system property {@code bench.<name>}; {@code -Dbench.smoke} makes all that are not given
 * as short as it takes to see that everything works.
 */
public final class Options {

    private static final String KAFKAS_OWN = "-XX:+UseG1GC -XX:MaxGCPauseMillis=20"
            + " -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -XX:MaxInlineLevel=15";

    private final Properties given;
    private final boolean smoke;

    Options(Properties given, boolean smoke) {
        this.given = given;
        this.smoke = smoke;
    }

    static Options ofSystemProperties() {
        return new Options(System.getProperties(), smokeAsked());
    }

    private static boolean smokeAsked() {
        String smoke = System.getProperty("bench.smoke", "false");
        return smoke.isEmpty() || Boolean.parseBoolean(smoke);
    }

    boolean smoke() {
        return smoke;
    }

    /** What broker and worker are started with beside their heap: what Kafka's own scripts give them. */
    String jvm() {
        return given.getProperty("bench.jvm.options", KAFKAS_OWN);
    }

    /** The broker's heap: what Kafka's own script gives it. */
    String brokerHeap() {
        return given.getProperty("bench.broker.heap", "-Xms1g -Xmx1g");
    }

    /** How often every contender has its turn. */
    int rounds() {
        return number("rounds", 5, 1);
    }

    /** How long each contender carries changes at a steady rate before anything is measured, in seconds; 0: not at all. */
    public int warmUp() {
        return number("warmup", 40, 0);
    }

    /** How long one thing is measured that goes on at a steady rate, in seconds. */
    public int seconds() {
        return number("seconds", 10, 1);
    }

    /** The rates of the latency workload, in changes/s. */
    public List<Integer> rates() {
        return numbers("rates", "50,1000");
    }

    /** How many changes a backlog has. */
    public int backlog() {
        return number("backlog", 1_000_000, 20_000);
    }

    /** How many changes a backlog of one-row transactions has. */
    public int smallBacklog() {
        return number("backlog.small", 200_000, 5_000);
    }

    /** How many writers there are. */
    public List<Integer> writers() {
        return numbers("writers", smoke ? "2" : "1,4,16,64");
    }

    /** How long writers write, in seconds. */
    public int writing() {
        return number("writing", 5, 1);
    }

    /** How many rows a bulk statement has. */
    public int rows() {
        return number("rows", 500_000, 10_000);
    }

    /** How long the connector is away, or a transaction stays open, in seconds. */
    public int outage() {
        return number("outage", 60, 2);
    }

    /** How long nothing happens, in seconds. */
    public int idle() {
        return number("idle", 60, 3);
    }

    /** How many tables are watched. */
    public List<Integer> tables() {
        return numbers("tables", smoke ? "1,3" : "1,10,100");
    }

    /** Backlogs of growing size, in changes. */
    public List<Integer> backlogs() {
        return numbers("backlogs", smoke ? "10000" : "10000,100000,1000000,10000000");
    }

    /** JMH's own options. */
    public List<String> jmh() {
        String text = given.getProperty(
                "bench.jmh.options", smoke ? "-f 1 -wi 1 -w 200ms -i 1 -r 200ms" : "-f 1 -wi 5 -w 1 -i 5 -r 1");
        return List.of(text.split(" "));
    }

    private int number(String name, int usual, int shortest) {
        return Integer.parseInt(given.getProperty("bench." + name, Integer.toString(smoke ? shortest : usual)));
    }

    private List<Integer> numbers(String name, String usual) {
        return Stream.of(given.getProperty("bench." + name, usual).split(","))
                .map(Integer::valueOf)
                .toList();
    }
}
