package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Samples;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * What a contender adds to the first statement of a session, in which PostgreSQL loads and plans the trigger. It matters for
 * applications that connect for each request, without a pool.
 */
final class FirstStatements implements Workload {

    /** Of a session. The second shows what no longer has to be loaded. */
    private static final List<String> STATEMENTS = List.of("first", "second");

    @Override
    public String name() {
        return "first-statements";
    }

    @Override
    public String description(Options options) {
        return """
                %d sessions that insert one row twice, one session after another, each with a new connection, and as many on a table \
                of the same kind without the contender, alternating. The time of each statement without that of the connection. \
                *Added*: the median of the differences of a session and the next one. *Stopped*: the connector is stopped, and \
                its triggers are installed.""".formatted(options.sessions());
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.COMPLETE) || contender.is(Trait.BOUNDS_WRITERS);
    }

    @Override
    public void turn(Turn turn) throws Exception {
        WrittenTable kind = new WriterCost.Inserted();
        String watched = kind.create(turn.environment());
        String plain = kind.create(turn.environment());
        try (RunningContender running = turn.contender().start(turn.environment(), List.of(watched))) {
            measure(turn, "", kind.statement(watched), kind.statement(plain));
            if (turn.contender().is(Trait.HAS_TRIGGERS)) {
                running.stop();
                measure(turn, ", stopped", kind.statement(watched), kind.statement(plain));
            }
        }
        turn.environment().execute("DROP TABLE %s, %s".formatted(watched, plain));
    }

    private static void measure(Turn turn, String suffix, String with, String without) throws SQLException {
        List<Samples> added = List.of(new Samples(), new Samples());
        List<Samples> alone = List.of(new Samples(), new Samples());
        for (int session = 0; session < turn.options().sessions(); session++) {
            // Every second pair in reverse order: a session can leave work for the next one, such as pages to write.
            boolean watchedFirst = session % 2 == 0;
            List<Double> one = session(turn, watchedFirst ? with : without);
            List<Double> other = session(turn, watchedFirst ? without : with);
            List<Double> withContender = watchedFirst ? one : other;
            List<Double> withoutContender = watchedFirst ? other : one;
            for (int i = 0; i < STATEMENTS.size(); i++) {
                added.get(i).add(withContender.get(i) - withoutContender.get(i));
                alone.get(i).add(withoutContender.get(i));
            }
        }
        for (int i = 0; i < STATEMENTS.size(); i++) {
            turn.add(
                    STATEMENTS.get(i) + suffix + ", without", "ms", alone.get(i).median());
            turn.add(STATEMENTS.get(i) + suffix + ", added", "ms", added.get(i).median());
        }
    }

    /** The times of the statements of a new session, in milliseconds. */
    private static List<Double> session(Turn turn, String sql) throws SQLException {
        try (Connection connection = turn.environment().connect();
                Statement statement = connection.createStatement()) {
            return List.of(milliseconds(statement, sql), milliseconds(statement, sql));
        }
    }

    private static double milliseconds(Statement statement, String sql) throws SQLException {
        long begin = System.nanoTime();
        statement.execute(sql);
        return (System.nanoTime() - begin) / 1e6;
    }
}
