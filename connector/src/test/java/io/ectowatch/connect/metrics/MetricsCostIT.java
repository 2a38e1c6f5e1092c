package io.ectowatch.connect.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What recording the metrics costs a drain: the CPU time and the allocations of the task's threads, with and without it, in turns.
 * {@code -Dmetrics.changes=500000 -Dmetrics.rounds=9} gives valid figures; the first third of the rounds is a warm-up.
 */
class MetricsCostIT {

    private static final int CHANGES = Integer.getInteger("metrics.changes", 5_000);
    private static final int ROUNDS = Integer.getInteger("metrics.rounds", 1);

    @NewDatabase
    private TestDatabase database;

    private final Map<String, Object> input = new HashMap<>();
    private Map<String, Object> result;

    /** The rows of each statement: of a bulk change, and of a small transaction. */
    @ParameterizedTest
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    @ValueSource(ints = {1_000, 1})
    void theCostOfTheMetricsIsThatOfTheSameDrainWithAndWithoutThem(int rowsPerStatement) throws Exception {
        database.execute("CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int)");
        input.putAll(Map.of(
                "name",
                "cost",
                "connection.url",
                database.url(),
                "connection.user",
                database.user(),
                "tables",
                "users"));
        try (MutedMetrics recording = new MutedMetrics(false);
                MutedMetrics muted = new MutedMetrics(true)) {
            Function<Map<String, Object>, Map<String, Object>> with = drain(recording);
            Function<Map<String, Object>, Map<String, Object>> without = drain(muted);
            input.put("changes", 0);
            assertThat(with.apply(input)).containsEntry("counted", 0L); // creates the triggers
            List<Double> ratios = new ArrayList<>();
            List<Double> allocations = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                boolean first = round % 2 == 0;
                Map<String, Object> one = measure(first ? with : without, rowsPerStatement);
                Map<String, Object> other = measure(first ? without : with, rowsPerStatement);
                Map<String, Object> recorded = first ? one : other;
                Map<String, Object> unrecorded = first ? other : one;

                assertThat(recorded).containsEntry("counted", (long) CHANGES);
                assertThat(unrecorded).containsEntry("counted", 0L);
                System.out.printf(
                        "%d rows a statement, round %d: %,d and without metrics %,d ns, %,d and %,d bytes a change%n",
                        rowsPerStatement,
                        round,
                        perChange(recorded, "cpu"),
                        perChange(unrecorded, "cpu"),
                        perChange(recorded, "allocated"),
                        perChange(unrecorded, "allocated"));
                if (round >= ROUNDS / 3) {
                    ratios.add(ratio(recorded, unrecorded, "cpu"));
                    allocations.add(ratio(recorded, unrecorded, "allocated"));
                }
            }
            report(rowsPerStatement, "CPU time", ratios);
            report(rowsPerStatement, "allocated bytes", allocations);
        }
    }

    private Map<String, Object> measure(Function<Map<String, Object>, Map<String, Object>> drain, int rowsPerStatement)
            throws Exception {
        database.execute("DO 'BEGIN FOR i IN 1.." + CHANGES / rowsPerStatement
                + " LOOP INSERT INTO users (n) SELECT g FROM generate_series(1, " + rowsPerStatement
                + ") g; COMMIT; END LOOP; END'");
        input.put("changes", CHANGES);
        if (result != null) {
            input.put("offset", result.get("offset"));
        }
        System.gc();
        result = drain.apply(input);
        return result;
    }

    /** How many times the work of the drain with metrics fits into that without: 1 if they cost nothing. */
    private static double ratio(Map<String, Object> with, Map<String, Object> without, String measure) {
        return (double) (long) without.get(measure) / (long) with.get(measure);
    }

    private static long perChange(Map<String, Object> measured, String measure) {
        return (long) measured.get(measure) / CHANGES;
    }

    private static void report(int rowsPerStatement, String measure, List<Double> ratios) {
        List<Double> sorted = ratios.stream().sorted().toList();
        System.out.printf(
                "%d rows a statement, %s without metrics / with: median %.4f (%.4f to %.4f)%n",
                rowsPerStatement, measure, sorted.get(sorted.size() / 2), sorted.get(0), sorted.get(sorted.size() - 1));
    }

    @SuppressWarnings("unchecked")
    private static Function<Map<String, Object>, Map<String, Object>> drain(ClassLoader loader) throws Exception {
        return (Function<Map<String, Object>, Map<String, Object>>) loader.loadClass(MeasuredDrain.class.getName())
                .getDeclaredConstructor()
                .newInstance();
    }
}
