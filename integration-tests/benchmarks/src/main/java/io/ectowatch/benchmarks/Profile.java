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
 * Where a turn's time goes, for {@code -Dbench.profile=true}: a recording of the worker by Java Flight Recorder, and the
 * server's statements, those inside functions too, by the time that they take. It costs something itself, so that the
 * figures of such a run are not to be compared.
 */
final class Profile {

    private static final String STATEMENTS = """
            SELECT total_exec_time, calls, rows, toplevel, regexp_replace(query, '\\s+', ' ', 'g')
            FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 25
            """;

    private final Arena arena;
    private final Path recording;
    private final Path statements;
    private final WorkerProcess worker = WorkerProcess.find();

    private Profile(Arena arena, Path directory, String name) {
        this.arena = arena;
        this.recording = directory.resolve(name + ".jfr").toAbsolutePath();
        this.statements = directory.resolve(name + ".statements.txt");
    }

    /** Begins; what is found is written on {@link #end}. */
    static Profile begin(Arena arena, Path directory, String name) throws IOException, SQLException {
        Profile profile = new Profile(arena, directory, name);
        profile.worker.command("JFR.start", "name=bench", "settings=profile", "filename=" + profile.recording);
        track(arena, "all");
        arena.execute("SELECT pg_stat_statements_reset()");
        return profile;
    }

    private static void track(Arena arena, String what) throws SQLException {
        arena.execute("ALTER SYSTEM SET pg_stat_statements.track = '" + what + "'");
        arena.execute("SELECT pg_reload_conf()");
    }

    void end() throws IOException, SQLException {
        worker.command("JFR.stop", "name=bench");
        track(arena, "none");
        List<String> lines = new ArrayList<>(List.of("  ms in all       calls        rows  toplevel  statement"));
        try (Connection connection = arena.connect();
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
