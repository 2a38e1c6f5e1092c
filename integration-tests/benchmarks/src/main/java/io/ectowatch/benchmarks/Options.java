package io.ectowatch.benchmarks;

import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The sizes and durations of a run. Each is a system property {@code bench.<name>}. With {@code -Dbench.smoke}, the
 * defaults are as small as possible: enough to see that everything works.
 */
public final class Options {

    private static final String KAFKA_SCRIPTS = "-XX:+UseG1GC -XX:MaxGCPauseMillis=20"
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

    public boolean smoke() {
        return smoke;
    }

    /** The JVM options of broker and worker besides their heap. The default is that of Kafka's scripts. */
    String jvm() {
        return given.getProperty("bench.jvm.options", KAFKA_SCRIPTS);
    }

    /** The broker's heap. The default is that of Kafka's script. */
    String brokerHeap() {
        return given.getProperty("bench.broker.heap", "-Xms1g -Xmx1g");
    }

    /** The worker's heap. */
    String workerHeap() {
        return given.getProperty("bench.worker.heap", "-Xmx512m");
    }

    /** The number of turns of each contender. */
    int rounds() {
        return number("rounds", 5, 1);
    }

    /**
     * For how many seconds each contender publishes changes at a steady rate before the measurement. 0 means no
     * warm-up.
     */
    public int warmUp() {
        return number("warmup", 40, 0);
    }

    /** The duration of a measurement at a steady rate, in seconds. */
    public int seconds() {
        return number("seconds", 10, 1);
    }

    /** The rates of the latency workload, in changes/s. */
    public List<Integer> rates() {
        return numbers("rates", "50,1000");
    }

    /** The number of changes of a backlog. */
    public int backlog() {
        return number("backlog", 1_000_000, 20_000);
    }

    /** The number of changes of a backlog of one-row transactions. */
    public int smallBacklog() {
        return number("backlog.small", 200_000, 5_000);
    }

    /** The number of changes of a backlog of a table with each kind of key. */
    public int keyBacklog() {
        return number("backlog.keys", 300_000, 5_000);
    }

    /** The numbers of concurrent writers. */
    public List<Integer> writers() {
        return numbers("writers", smoke ? "2" : "1,4,16,64");
    }

    /** The duration of a measurement with concurrent writers, in seconds. */
    public int writing() {
        return number("writing", 5, 1);
    }

    /** The number of slices of each of two kinds of writers that take turns. */
    public int slices() {
        return number("slices", 20, 2);
    }

    /** The number of concurrent writers of the workload {@code one-row}. */
    public int oneRowWriters() {
        return number("one-row.writers", 16, 2);
    }

    /** The number of rows that a table has before the workload {@code one-row} deletes them. */
    public int oneRowRows() {
        return number("one-row.rows", 1_000_000, 100_000);
    }

    /** The number of sessions of the workload {@code first-statements}. */
    public int sessions() {
        return number("sessions", 500, 10);
    }

    /** The number of rows of a bulk statement. */
    public int rows() {
        return number("rows", 500_000, 10_000);
    }

    /** For how many seconds the connector is stopped, or a transaction stays open. */
    public int outage() {
        return number("outage", 60, 2);
    }

    /** The duration of the idle workload, in seconds. */
    public int idle() {
        return number("idle", 60, 3);
    }

    /** The numbers of watched tables. */
    public List<Integer> tables() {
        return numbers("tables", smoke ? "1,3" : "1,10,100");
    }

    /** The numbers of connectors in one worker. */
    public List<Integer> connectors() {
        return numbers("connectors", smoke ? "2" : "1,10,100");
    }

    /** The sizes of the backlogs of the workload {@code backlogs}, in changes. */
    public List<Integer> backlogs() {
        return numbers("backlogs", smoke ? "10000" : "10000,100000,1000000,10000000");
    }

    /** The number of rows of the table that the workload {@code backfill} reads. */
    public int backfillRows() {
        return number("backfill.rows", 10_000_000, 20_000);
    }

    /** The longest time for the rows of one contender, in seconds. Its rate until then counts. */
    public int backfillLimit() {
        return number("backfill.limit", 90, 30);
    }

    /** How long live changes are measured beside a backfill, and as long without, in seconds. */
    public int backfillLive() {
        return number("backfill.live", 20, 1);
    }

    /** The options of JMH. */
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
