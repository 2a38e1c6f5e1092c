package io.ectowatch.benchmarks.probe;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;

/** Counts the statements of all sessions by {@code pg_stat_statements}, which has a cost, so only while this is open. */
public final class Statements implements AutoCloseable {

    private static final String CALLS = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements";

    private final Environment environment;
    private long queries;

    private Statements(Environment environment) {
        this.environment = environment;
    }

    /** Begins to count. */
    public static Statements counted(Environment environment) throws SQLException {
        Statements statements = new Statements(environment);
        statements.track("top");
        return statements;
    }

    /** The statements so far, without these queries. */
    public long calls() throws SQLException {
        return environment.number(CALLS) - queries++;
    }

    private void track(String what) throws SQLException {
        environment.execute("ALTER SYSTEM SET pg_stat_statements.track = '" + what + "'");
        environment.execute("SELECT pg_reload_conf()");
    }

    @Override
    public void close() throws SQLException {
        track("none");
    }
}
