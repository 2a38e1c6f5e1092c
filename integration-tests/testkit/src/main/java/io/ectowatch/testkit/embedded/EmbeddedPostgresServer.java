package io.ectowatch.testkit.embedded;

import io.ectowatch.testkit.FreePorts;
import io.ectowatch.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A PostgreSQL server on 127.0.0.1 with its own data directory. */
public final class EmbeddedPostgresServer implements PostgresServer {

    private static final String USER = "postgres";
    private static final String PASSWORD = "postgres";

    private final Path data;
    private final Path log;
    private final int port;
    private Path binaries;
    private Watchdog watchdog;

    /** Creates no files and starts no process. The directory is that of data and log. */
    public EmbeddedPostgresServer(Path directory) {
        this(directory, FreePorts.next());
    }

    private EmbeddedPostgresServer(Path directory, int port) {
        this.data = directory.resolve("postgres-data");
        this.log = directory.resolve("postgres.log");
        this.port = port;
    }

    /** Another server for the port of this one, so that only one of them can run. Creates no files. */
    public EmbeddedPostgresServer successor(Path directory) {
        return new EmbeddedPostgresServer(directory, port);
    }

    /**
     * Creates the data directory with the server binaries below this directory.
     *
     * @param more lines for {@code postgresql.conf}
     */
    public void create(Path binariesOfServer, String... more) {
        binaries = binariesOfServer;
        try {
            Path passwordFile = data.resolveSibling("postgres-password");
            Files.writeString(passwordFile, PASSWORD);
            run(
                    "initdb",
                    "--pgdata=" + data,
                    "--username=" + USER,
                    "--pwfile=" + passwordFile,
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--no-sync",
                    "--no-instructions");
            Files.delete(passwordFile);
            configure(settings());
            configure(more);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Appends lines to {@code postgresql.conf}, for the next start. */
    public void configure(String... lines) {
        try {
            Files.writeString(
                    data.resolve("postgresql.conf"), String.join("\n", lines) + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates a standby of this running server in a new directory, by a base backup. The caller starts it. */
    public EmbeddedPostgresServer standby(Path directory) {
        EmbeddedPostgresServer standby = new EmbeddedPostgresServer(directory);
        standby.binaries = binaries;
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            Files.createDirectory(directory);
            statement.execute("SELECT pg_backup_start('standby', true)");
            Directories.copy(data, standby.data, EmbeddedPostgresServer::notInBaseBackup);
            try (ResultSet row = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
                row.next();
                Files.writeString(standby.data.resolve("backup_label"), row.getString(1));
            }
            Files.createFile(standby.data.resolve("standby.signal"));
            standby.configure(
                    standby.settings(),
                    "primary_conninfo = 'host=%s port=%d user=%s password=%s application_name=%s'"
                            .formatted(host(), port, USER, PASSWORD, directory.getFileName()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException("The base backup of the standby failed: " + e.getMessage(), e);
        }
        return standby;
    }

    private static boolean notInBaseBackup(Path file) {
        return file.getFileName().toString().startsWith("postmaster.") || file.startsWith("pg_wal");
    }

    private String settings() {
        return """

                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = ''
                wal_level = replica
                wal_keep_size = 256MB
                fsync = on
                log_line_prefix = '%%m [%%p] %%a '
                """.formatted(port);
    }

    @Override
    public void start() {
        run("pg_ctl", "start", "--pgdata=" + data, "--log=" + log, "--wait", "--timeout=60");
        // SIGQUIT is the immediate shutdown, which also ends the child processes.
        watchdog = Watchdog.over(processId(), "QUIT");
    }

    @Override
    public void stop(StopMode mode) {
        run("pg_ctl", "stop", "--pgdata=" + data, "--mode=" + mode.name().toLowerCase(Locale.ROOT), "--wait");
        watchdog.close();
    }

    // The server does not start again before the sessions of the killed one have ended.
    @Override
    public void kill() {
        List<ProcessHandle> all = new ArrayList<>();
        if (Files.exists(data.resolve("postmaster.pid"))) {
            ProcessHandle.of(processId()).ifPresent(postmaster -> {
                postmaster.children().forEach(all::add);
                postmaster.destroyForcibly();
                all.add(postmaster);
            });
        }
        all.forEach(process -> process.onExit().join());
        watchdog.close();
    }

    /** Makes this standby a primary. */
    public void promote() {
        run("pg_ctl", "promote", "--pgdata=" + data, "--wait");
    }

    /** The directory of the data. */
    public Path data() {
        return data;
    }

    /** Stops the server if it is running. */
    public void discard() {
        if (Files.exists(data.resolve("postmaster.pid"))) {
            try {
                stop(StopMode.IMMEDIATE);
            } catch (IllegalStateException e) {
                // It has crashed or was not started.
            }
        }
    }

    /** The server's version, for example {@code 18.6}. */
    String version() {
        try (Connection connection = connect()) {
            return connection.getMetaData().getDatabaseProductVersion();
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL has started but does not answer." + LogTail.of(log), e);
        }
    }

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String user() {
        return USER;
    }

    @Override
    public String password() {
        return PASSWORD;
    }

    @Override
    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database), USER, PASSWORD);
    }

    private long processId() {
        try {
            return Long.parseLong(
                    Files.readAllLines(data.resolve("postmaster.pid")).get(0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs a program of PostgreSQL in the parent of the data directory, with the password of {@link #user()}, and waits for its
     * end.
     *
     * @return what it has written
     * @throws IllegalStateException if it fails; the message has what it has written
     */
    public String run(String program, String... arguments) {
        List<String> command = new ArrayList<>(notAsRoot());
        command.add(binaries.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .directory(data.getParent().toFile());
            builder.environment().putAll(EmbeddedStack.environment(EmbeddedStack.POSTGRES_ENVIRONMENT));
            builder.environment().put("PGPASSWORD", PASSWORD);
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes());
            if (process.waitFor() != 0) {
                throw new IllegalStateException("%s failed:%n%s%s"
                        .formatted(String.join(" ", command), output, Files.exists(log) ? LogTail.of(log) : ""));
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + program, e);
        }
    }

    /** What precedes a command of PostgreSQL. */
    static List<String> notAsRoot() {
        // PostgreSQL does not run as root. In a user namespace without a mapping, the user root has another ID.
        boolean root =
                ProcessHandle.current().info().user().filter("root"::equals).isPresent();
        return root ? List.of("unshare", "-U") : List.of();
    }
}
