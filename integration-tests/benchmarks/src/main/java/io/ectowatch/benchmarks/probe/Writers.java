package io.ectowatch.benchmarks.probe;

import io.ectowatch.benchmarks.Environment;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.Driver;

/**
 * Concurrent writers of one-row transactions, in a separate process: {@code pgbench} if it is installed, because it
 * uses little CPU time, otherwise a small JVM ({@link WriterProcess}).
 */
public final class Writers {

    /** Seconds, longer than any measurement. */
    private static final int ENDLESS = 100_000;

    /** The line that both kinds of writers print each second: {@code progress: 2.0 s, 1234.5 tps, ...}. */
    private static final Pattern RATE = Pattern.compile("([0-9.]+) tps");

    /** The line that both kinds print at the end. */
    private static final Pattern TRANSACTIONS = Pattern.compile("transactions actually processed: ([0-9]+)");

    /**
     * What the writers did.
     *
     * @param rate in transactions/s, without the first second
     * @param transactions all of them, with the first second
     * @param seconds for how long they wrote, with the first second
     * @param end {@link System#nanoTime()} when their process ended
     */
    public record Written(double rate, long transactions, int seconds, long end) {

        /**
         * Reads what the writers printed.
         *
         * @throws IllegalStateException if that is less than two seconds, or has no end
         */
        static Written of(String output, int seconds, long end) {
            double[] rates = RATE.matcher(output)
                    .results()
                    .mapToDouble(rate -> Double.parseDouble(rate.group(1)))
                    .toArray();
            Matcher transactions = TRANSACTIONS.matcher(output);
            if (rates.length < 2 || !transactions.find()) {
                throw new IllegalStateException("the writers did not print their rates: " + output);
            }
            return new Written(
                    Arrays.stream(rates).skip(1).average().orElseThrow(),
                    Long.parseLong(transactions.group(1)),
                    seconds,
                    end);
        }
    }

    private final Environment environment;

    public Writers(Environment environment) {
        this.environment = environment;
    }

    /** The kind of writers, for the report. */
    public static String kind() {
        return pgbench() ? "`pgbench -M prepared`" : "a small JVM with prepared statements";
    }

    private static boolean pgbench() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "pgbench")));
    }

    /**
     * Repeats a statement, each in its own transaction, with this number of writers for this number of seconds. They
     * write for an additional first second that the rate does not include: in it, sessions start, plan statements and
     * load functions, while an application keeps its sessions.
     */
    public Written write(String statement, int writers, int seconds) throws IOException, InterruptedException {
        Path script = Files.createTempFile("writers", ".sql");
        try {
            return run(seconds + 1, command(statement, writers, seconds + 1, script));
        } finally {
            Files.delete(script);
        }
    }

    /** Starts writers that repeat a statement, each in its own transaction, until they are closed. */
    public PausableProcess start(String statement, int writers) throws IOException {
        Path script = Files.createTempFile("writers", ".sql");
        return PausableProcess.start(builder(command(statement, writers, ENDLESS, script)), script);
    }

    private List<String> command(String statement, int writers, int seconds, Path script) throws IOException {
        if (!pgbench()) {
            return byProcess(statement, writers, seconds);
        }
        Files.writeString(script, statement + ";");
        return List.of(
                "pgbench",
                "--no-vacuum",
                "--protocol=prepared",
                "--client=" + writers,
                "--jobs=1",
                "--time=" + seconds,
                "--progress=1",
                "--file=" + script,
                "--host=" + environment.postgres().host(),
                "--port=" + environment.postgres().port(),
                "--username=" + environment.postgres().user(),
                "postgres");
    }

    private List<String> byProcess(String statement, int writers, int seconds) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                home(WriterProcess.class) + ":" + home(Driver.class),
                WriterProcess.class.getName(),
                environment.postgres().url(),
                environment.postgres().user(),
                statement,
                Integer.toString(writers),
                Integer.toString(seconds));
    }

    private static String home(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        WriterProcess.PASSWORD,
                        environment.postgres().password(),
                        // So that awaitNoContender() ignores these sessions.
                        "PGAPPNAME",
                        Environment.SESSION_NAME));
        return builder;
    }

    private Written run(int seconds, List<String> command) throws IOException, InterruptedException {
        Process process = builder(command).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes());
        int exit = process.waitFor();
        long end = System.nanoTime();
        if (exit != 0) {
            throw new IllegalStateException(command.get(0) + " failed: " + output);
        }
        return Written.of(output, seconds, end);
    }
}
