package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Topics;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The duration of statements that change many rows. */
final class Bulk implements Workload {

    @Override
    public String name() {
        return "bulk";
    }

    @Override
    public String description(Options options) {
        return """
                One INSERT, UPDATE and DELETE of %,d rows each, with the contender, and before and after that without it on \
                tables of the same kind. *Ratio*: the time with the contender divided by the mean of the two times without it. \
                *Until the last record*: from sending the statement.""".formatted(options.rows());
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.COMPLETE);
    }

    private static Map<String, String> statements(String table, int rows) {
        Map<String, String> statements = new LinkedHashMap<>();
        statements.put(
                "INSERT",
                "INSERT INTO %s (n, words) SELECT n, 'row number ' || n FROM generate_series(1, %d) n"
                        .formatted(table, rows));
        statements.put("UPDATE", "UPDATE %s SET n = n + 1".formatted(table));
        statements.put("DELETE", "DELETE FROM " + table);
        return statements;
    }

    @Override
    public void turn(Turn turn) throws Exception {
        int rows = turn.options().rows();
        Map<String, Double> before = without(turn, rows);
        String watched = turn.environment().newTable();
        Map<String, Double> with = new LinkedHashMap<>();
        Map<String, Double> arrived = new LinkedHashMap<>();
        long lost;
        try (RunningContender running = turn.contender().start(turn.environment(), List.of(watched));
                Topics topics = new Topics(turn.environment())) {
            List<String> names = running.topics(watched);
            topics.create(names);
            long expected = 0;
            for (Map.Entry<String, String> statement : statements(watched, rows).entrySet()) {
                expected += rows;
                long begin = System.nanoTime();
                with.put(statement.getKey(), run(turn, statement.getValue()));
                arrived.put(statement.getKey(), Drain.seconds(begin, topics.awaitQuiet(names, expected)));
            }
            lost = expected - topics.records(names);
            topics.delete(names);
        }
        turn.environment().execute("DROP TABLE " + watched);
        Map<String, Double> after = without(turn, rows);
        for (String kind : with.keySet()) {
            double without = (before.get(kind) + after.get(kind)) / 2;
            turn.add(kind, "s", with.get(kind));
            turn.add(kind + " without", "s", without);
            turn.add(kind + " ratio", "", with.get(kind) / without);
            turn.add(kind + " until the last record", "s", arrived.get(kind));
        }
        turn.add("lost", "changes", lost);
    }

    private static Map<String, Double> without(Turn turn, int rows) throws SQLException {
        String plain = turn.environment().newTable();
        Map<String, Double> seconds = new LinkedHashMap<>();
        for (Map.Entry<String, String> statement : statements(plain, rows).entrySet()) {
            seconds.put(statement.getKey(), run(turn, statement.getValue()));
        }
        turn.environment().execute("DROP TABLE " + plain);
        return seconds;
    }

    private static double run(Turn turn, String statement) throws SQLException {
        turn.environment().execute("CHECKPOINT");
        long begin = System.nanoTime();
        turn.environment().execute(statement);
        return Drain.seconds(begin, System.nanoTime());
    }
}
