package io.ectowatch.it.faults;

import io.ectowatch.it.faults.Fault.Injection;
import io.ectowatch.testkit.PostgresServer;
import io.ectowatch.testkit.PostgresServer.StopMode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Two small disks (tmpfs) of the database server: one for the tables of the test's database, one for the WAL. */
final class Disks {

    private static final byte[] BLOCK = new byte[1 << 20];
    private static final int SWITCHES = 40;

    private final PostgresServer server;
    private final Path directory;
    private final Path tables;
    private final Path wal;

    private Disks(PostgresServer server, Path directory) {
        this.server = server;
        this.directory = directory;
        this.tables = directory.resolve("tables");
        this.wal = directory.resolve("wal");
    }

    /** Mounts the disks and moves the database and the WAL to them. Empty if this user cannot mount. */
    static Optional<Disks> mount(PostgresServer server, String database) throws Exception {
        Disks disks = new Disks(server, Files.createTempDirectory("disks"));
        if (!disks.mount(disks.tables, "64m") || !disks.mount(disks.wal, "128m")) {
            return Optional.empty();
        }
        Files.createDirectory(disks.tables.resolve("space"));
        String data;
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLESPACE " + database + " LOCATION '" + disks.tables.resolve("space") + "'");
            statement.execute("ALTER DATABASE " + database + " SET TABLESPACE " + database);
            statement.execute("ALTER SYSTEM SET wal_keep_size = 0");
            statement.execute("ALTER SYSTEM SET max_wal_size = '48MB'");
            statement.execute("ALTER SYSTEM SET min_wal_size = '32MB'");
            try (ResultSet row = statement.executeQuery("SHOW data_directory")) {
                row.next();
                data = row.getString(1);
            }
        }
        server.stop(StopMode.FAST);
        shell(
                "cp -a \"$0\"/pg_wal \"$1\"/ && rm -r \"$0\"/pg_wal && ln -s \"$1\"/pg_wal \"$0\"/",
                data,
                disks.wal.toString());
        server.start();
        return Optional.of(disks);
    }

    private boolean mount(Path at, String size) throws IOException, InterruptedException {
        Files.createDirectory(at);
        if (!run("mount -t tmpfs -o size=\"$0\" faults \"$1\" 2>&1", size, at.toString())) {
            return false;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> unmount(at), "unmount"));
        return true;
    }

    /** The server has ended before. */
    private void unmount(Path at) {
        try {
            run(
                    "umount -l \"$0\" && rmdir \"$0\" && rmdir --ignore-fail-on-non-empty \"$1\" 2>&1",
                    at.toString(),
                    directory.toString());
        } catch (IOException e) {
            System.err.println(at + " stays mounted: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void shell(String script, String... arguments) throws IOException, InterruptedException {
        if (!run(script, arguments)) {
            throw new IOException("failed: " + script + " with " + List.of(arguments));
        }
    }

    private static boolean run(String script, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script);
        builder.command().addAll(List.of(arguments));
        return builder.inheritIO().start().waitFor() == 0;
    }

    List<Fault> faults() {
        return List.of(
                new Fault("disk of the tables full", 5, this::fillTables),
                new Fault("disk of the WAL full", 3, this::fillWal));
    }

    private void fillTables(Injection injection) throws Exception {
        Path ballast = fill(tables);
        try {
            injection.hold(500, 2_000);
        } finally {
            Files.delete(ballast);
        }
    }

    /** The server crashes when it needs another file of WAL, and does not start before there is space. */
    private void fillWal(Injection injection) throws Exception {
        Path ballast = fill(wal);
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < SWITCHES; i++) {
                statement.execute("SELECT pg_switch_wal(), pg_logical_emit_message(false, 'fault', 'x')");
            }
            injection.note("did not crash");
        } catch (SQLException e) {
            injection.note("crashed");
            Thread.sleep(injection.between(0, 1_000));
        } finally {
            Files.delete(ballast);
        }
        injection.over();
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(3))
                    .pollDelay(Duration.ZERO)
                    .ignoreExceptions()
                    .until(() -> {
                        server.connect().close();
                        return true;
                    });
        } catch (ConditionTimeoutException e) {
            injection.note("started by the test");
            server.kill();
            server.start();
        }
    }

    private static Path fill(Path disk) throws IOException {
        Path ballast = disk.resolve("ballast");
        try (OutputStream out = Files.newOutputStream(ballast)) {
            for (int size = BLOCK.length; size > 0; size /= 8) {
                write(out, size);
            }
        }
        return ballast;
    }

    /** Writes blocks of this size until there is no space for one. */
    private static void write(OutputStream out, int size) {
        try {
            while (true) {
                out.write(BLOCK, 0, size);
            }
        } catch (IOException e) {
            // The disk is full.
        }
    }
}
