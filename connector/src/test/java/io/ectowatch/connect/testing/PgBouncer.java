package io.ectowatch.connect.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A real PgBouncer in front of the tests' server, if the machine has the program. */
public final class PgBouncer implements AutoCloseable {

    private final int port;
    private final Process process;

    private PgBouncer(int port, Process process) {
        this.port = port;
        this.process = process;
    }

    /** The program, or empty if it is not installed. */
    public static Optional<Path> program() {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(directory -> Path.of(directory, "pgbouncer"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts one.
     *
     * @param directory an empty directory
     * @param poolMode {@code session}, {@code transaction} or {@code statement}
     */
    public static PgBouncer start(Path directory, TestDatabase database, String poolMode) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path users = Files.writeString(directory.resolve("users.txt"), "\"postgres\" \"\"\n");
        Path config = Files.writeString(directory.resolve("pgbouncer.ini"), """
                [databases]
                * = host=%s port=%d user=%s
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                auth_file = %s
                pool_mode = %s
                ignore_startup_parameters = extra_float_digits
                """.formatted(
                        database.host(), database.port(), database.user(), port, users, poolMode));
        // It refuses to run as root, and another user has to be able to read these.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> command = "root".equals(System.getProperty("user.name"))
                ? List.of(program().orElseThrow().toString(), "-q", "-u", "nobody", config.toString())
                : List.of(program().orElseThrow().toString(), "-q", config.toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("pgbouncer.log").toFile())
                .start();
        await().until(() -> !process.isAlive() || accepts(port));
        if (!process.isAlive()) {
            throw new IOException(Files.readString(directory.resolve("pgbouncer.log")));
        }
        return new PgBouncer(port, process);
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** The JDBC URL of a database behind it. */
    public String url(TestDatabase database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database.name();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
