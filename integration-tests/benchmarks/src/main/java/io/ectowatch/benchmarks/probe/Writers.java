package io.ectowatch.benchmarks.probe;

import io.ectowatch.benchmarks.Arena;
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
 * Concurrent writers of one-row transactions, in a process of their own: {@code pgbench} where there is one, since it takes
 * little from the processors that it shares with what is measured; else a small JVM ({@link WriterProcess}).
 */
public final class Writers {

    /** What both kinds of writers say of each second: {@code progress: 2.0 s, 1234.5 tps, ...}. */
    private static final Pattern RATE = Pattern.compile("([0-9.]+) tps");

    private final Arena arena;

    public Writers(Arena arena) {
        this.arena = arena;
    }

    /** What the writers are, for the report. */
    public static String kind() {
        return pgbench() ? "`pgbench -M prepared`" : "a small JVM with prepared statements";
    }

    private static boolean pgbench() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "pgbench")));
    }

    /**
     * Has so many of them insert into a table for so many seconds, and returns their transactions/s. One second more before
     * these does not count: sessions begin then, and each makes its plans and reads what functions it calls, while an
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
                    "--host=" + arena.postgres().host(),
                    "--port=" + arena.postgres().port(),
                    "--username=" + arena.postgres().user(),
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
                arena.postgres().url(),
                arena.postgres().user(),
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
                        arena.postgres().password(),
                        // Not to be taken for a contender that has not left yet.
                        "PGAPPNAME",
                        Arena.OURSELVES));
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
