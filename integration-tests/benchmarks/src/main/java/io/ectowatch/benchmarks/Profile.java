package io.ectowatch.benchmarks;

import io.ectowatch.benchmarks.probe.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Profiles a turn, for {@code -Dbench.profile=true}: a Java Flight Recorder recording of the worker, and the server's
 * statements by duration, including those inside functions. Profiling has a cost, so do not compare the figures of such
 * a run.
 */
final class Profile {

    private static final String STATEMENTS = """
            SELECT total_exec_time, calls, rows, toplevel, regexp_replace(query, '\\s+', ' ', 'g')
            FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 25
            """;

    private final Environment environment;
    private final Path recording;
    private final Path statements;
    private final WorkerProcess worker = WorkerProcess.find();

    private Profile(Environment environment, Path directory, String name) {
        this.environment = environment;
        this.recording = directory.resolve(name + ".jfr").toAbsolutePath();
        this.statements = directory.resolve(name + ".statements.txt");
    }

    /** Starts profiling. {@link #end} writes the files. */
    static Profile begin(Environment environment, Path directory, String name) throws IOException, SQLException {
        Profile profile = new Profile(environment, directory, name);
        profile.worker.command("JFR.start", "name=bench", "settings=profile", "filename=" + profile.recording);
        track(environment, "all");
        environment.execute("SELECT pg_stat_statements_reset()");
        return profile;
    }

    private static void track(Environment environment, String what) throws SQLException {
        environment.execute("ALTER SYSTEM SET pg_stat_statements.track = '" + what + "'");
        environment.execute("SELECT pg_reload_conf()");
    }

    void end() throws IOException, SQLException {
        worker.command("JFR.stop", "name=bench");
        track(environment, "none");
        List<String> lines = new ArrayList<>(List.of("   total ms       calls        rows  toplevel  statement"));
        try (Connection connection = environment.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(STATEMENTS)) {
            while (rows.next()) {
                lines.add(String.format(
                        Locale.ROOT,
                        "%11.1f %11d %11d  %-8s  %s",
                        rows.getDouble(1),
                        rows.getLong(2),
                        rows.getLong(3),
                        rows.getBoolean(4),
                        rows.getString(5)));
            }
        }
        Files.write(statements, lines);
    }
}
