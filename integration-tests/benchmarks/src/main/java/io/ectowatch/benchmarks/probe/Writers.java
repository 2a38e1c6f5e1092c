package io.ectowatch.benchmarks.probe;

import io.ectowatch.benchmarks.Environment;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.postgresql.Driver;

/**
 * Concurrent writers of one-row transactions, in a separate process: {@code pgbench} if it is installed, because it
 * uses little CPU time, otherwise a small JVM ({@link WriterProcess}).
 */
public final class Writers {

    /** The line that both kinds of writers print each second: {@code progress: 2.0 s, 1234.5 tps, ...}. */
    private static final Pattern RATE = Pattern.compile("([0-9.]+) tps");

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
     * Inserts into a table with this number of writers for this number of seconds. Returns the transactions/s. An
     * additional first second is not measured: in it, sessions start, plan statements and load functions, while an
     * application keeps its sessions.
     */
    public double write(String table, int writers, int seconds) throws IOException, InterruptedException {
        String insert = "INSERT INTO " + table + " (n, words) VALUES (1, 'a')";
        return pgbench() ? byPgbench(insert, writers, seconds + 1) : byProcess(insert, writers, seconds + 1);
    }

    private double byPgbench(String insert, int writers, int seconds) throws IOException, InterruptedException {
        Path script = Files.createTempFile("insert", ".sql");
        try {
            Files.writeString(script, insert + ";");
            return run(List.of(
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
                    "postgres"));
        } finally {
            Files.delete(script);
        }
    }

    private double byProcess(String insert, int writers, int seconds) throws IOException, InterruptedException {
        return run(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                home(WriterProcess.class) + ":" + home(Driver.class),
                WriterProcess.class.getName(),
                environment.postgres().url(),
                environment.postgres().user(),
                insert,
                Integer.toString(writers),
                Integer.toString(seconds)));
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

    private double run(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command)).redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        WriterProcess.PASSWORD,
                        environment.postgres().password(),
                        // So that awaitNoContender() ignores these sessions.
                        "PGAPPNAME",
                        Environment.SESSION_NAME));
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes());
        double[] rates = RATE.matcher(output)
                .results()
                .mapToDouble(rate -> Double.parseDouble(rate.group(1)))
                .toArray();
        if (process.waitFor() != 0 || rates.length < 2) {
            throw new IllegalStateException(command.get(0) + " failed: " + output);
        }
        return Arrays.stream(rates).skip(1).average().orElseThrow();
    }
}
