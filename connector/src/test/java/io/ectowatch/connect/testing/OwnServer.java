package io.ectowatch.connect.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A PostgreSQL server of a test's own, to be crashed, followed by a standby, and put back to what it was. Its programs
 * are those of the server that the other tests share.
 */
public final class OwnServer implements AutoCloseable {

    private static final String USER = "postgres";

    private final Path bin;
    private final Path data;
    private final int port = freePort();

    private OwnServer(Path bin, Path data) {
        this.bin = bin;
        this.data = data;
    }

    /**
     * Lays out and starts one.
     *
     * @param directory where its data goes; must not exist
     * @param settings lines of its postgresql.conf
     */
    public static OwnServer start(Path directory, String... settings) throws Exception {
        OwnServer server = new OwnServer(Blank.BIN, directory);
        copy(Blank.DATA, directory, true);
        server.configure("fsync = off");
        server.configure(settings);
        server.start();
        return server;
    }

    /** A server's data as initdb lays it out, made once. */
    private static final class Blank {
        static final Path BIN;
        static final Path DATA;

        static {
            try {
                BIN = programs();
                Path directory = Files.createTempDirectory("ectowatch-blank-server");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
                DATA = directory.resolve("data");
                new OwnServer(BIN, DATA)
                        .run("initdb", "-D", DATA.toString(), "-U", USER, "--auth=trust", "--locale=C", "--no-sync");
            } catch (IOException | SQLException e) {
                throw new IllegalStateException("there is no server to be had", e);
            }
        }
    }

    private static Path programs() throws SQLException {
        try (TestDatabase database = TestDatabase.create();
                Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT setting FROM pg_config WHERE name = 'BINDIR'")) {
            row.next();
            return Path.of(row.getString(1));
        }
    }

    private void configure(String... settings) throws IOException {
        Files.writeString(
                data.resolve("postgresql.conf"),
                "\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nport = " + port + "\n"
                        + String.join("\n", settings) + "\n",
                StandardOpenOption.APPEND);
    }

    public void start() throws IOException {
        // Its output goes to a file, not to a pipe that would be held open.
        run("pg_ctl", "start", "-w", "-D", data.toString(), "-l", data + ".log");
    }

    /** Ends it as a crash does: nothing is written that is not written yet. */
    public void crash() {
        run("pg_ctl", "stop", "-m", "immediate", "-D", data.toString());
    }

    /** Makes a standby a primary. */
    public void promote() {
        run("pg_ctl", "promote", "-w", "-D", data.toString());
    }

    /** Copies the files of a server that does not run. */
    public void copyTo(Path directory) throws IOException {
        copy(data, directory, true);
    }

    /** Puts the files of a server that does not run back to what they were. */
    public void restoreFrom(Path directory) throws IOException {
        delete(data);
        copy(directory, data, true);
    }

    /** Starts a standby that follows this server. */
    public OwnServer standby(Path directory) throws Exception {
        OwnServer standby = new OwnServer(bin, directory);
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            boolean old = connection.getMetaData().getDatabaseMajorVersion() < 15;
            statement.execute("SELECT " + (old ? "pg_start_backup('b', true, false)" : "pg_backup_start('b', true)"));
            copy(data, directory, false);
            String stop = "SELECT labelfile FROM " + (old ? "pg_stop_backup(false, false)" : "pg_backup_stop(false)");
            try (ResultSet row = statement.executeQuery(stop)) {
                row.next();
                Files.writeString(directory.resolve("backup_label"), row.getString(1));
            }
        }
        Files.createFile(directory.resolve("standby.signal"));
        standby.configure("primary_conninfo = 'host=127.0.0.1 port=" + port + " user=" + USER + "'");
        standby.start();
        return standby;
    }

    /** Waits until a standby of this server has all that is committed here. */
    public void awaitReplayedBy(OwnServer standby) throws SQLException {
        String written = text("SELECT pg_current_wal_flush_lsn()");
        await().until(() -> standby.text("SELECT pg_last_wal_replay_lsn() >= '" + written + "'")
                .equals("t"));
    }

    /** Cuts a standby off from its primary. */
    public void stopFollowing() throws SQLException {
        execute("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
        await().until(() -> text("SELECT count(*) FROM pg_stat_wal_receiver").equals("0"));
    }

    public int port() {
        return port;
    }

    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    /** A new connection of a superuser, to be closed by the caller. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url(), USER, "any");
    }

    /** Runs the statements one after another, each in its own transaction. */
    public void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** As {@link #execute}, in the database of that URL. */
    public void executeIn(String url, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, USER, "any");
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The one value that a query returns. */
    public String text(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private void run(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            // PostgreSQL refuses to run as root; in a user namespace without a mapping root is nobody.
            Collections.addAll(command, "unshare", "-U");
        }
        command.add(bin.resolve(program).toString());
        Collections.addAll(command, arguments);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .directory(data.getParent().toFile())
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes());
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed: " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + program, e);
        }
    }

    /** {@code whole}: of a server that does not run; otherwise without its lock file, and without the log it still writes. */
    private static void copy(Path from, Path to, boolean whole) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : (Iterable<Path>) all::iterator) {
                String name = from.relativize(file).toString();
                boolean skipped = !whole
                        && (name.startsWith("postmaster.") || name.startsWith("pg_wal/") && Files.isRegularFile(file));
                if (!skipped && Files.exists(file)) {
                    Files.copy(file, to.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it, if it runs. */
    @Override
    public void close() {
        if (Files.exists(data.resolve("postmaster.pid"))) {
            crash();
        }
    }
}
