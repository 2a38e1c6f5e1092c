package io.ectowatch.it.database;

import io.ectowatch.testkit.FreePorts;
import io.ectowatch.testkit.embedded.ProgramProcess;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * HAProxy in front of PostgreSQL servers. Its health check asks each server {@code pg_is_in_recovery()} in PostgreSQL's protocol,
 * as a role that needs no password, and sends connections only to the server that is no standby.
 */
final class HaProxy implements AutoCloseable {

    /** The role of the health check. */
    static final String ROLE = "haproxy";

    private static final String CONFIG = """
            global
              maxconn 200
            defaults
              mode tcp
              timeout connect 2s
              timeout check 2s
              timeout client 1h
              timeout server 1h
            listen primary
              bind 127.0.0.1:%d
              option tcp-check
              tcp-check connect
              tcp-check send-binary %s
              tcp-check expect binary 5a0000000549
              tcp-check send-binary %s
              tcp-check expect binary 440000000b00010000000166
              default-server init-state down inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
            """;

    private final int port = FreePorts.next();
    private final Path directory;
    private ProgramProcess process;

    HaProxy(Path directory, int... servers) throws IOException {
        this.directory = directory;
        StringBuilder config = new StringBuilder(CONFIG.formatted(port, startup(), query()));
        for (int server : servers) {
            config.append("  server s%1$d 127.0.0.1:%1$d check\n".formatted(server));
        }
        Files.writeString(directory.resolve("haproxy.cfg"), config);
        start();
    }

    /** The first message of a session, in hexadecimal. */
    private static String startup() throws IOException {
        ByteArrayOutputStream parameters = new ByteArrayOutputStream();
        parameters.write(("user\0" + ROLE + "\0database\0postgres\0\0").getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(message);
        out.writeInt(8 + parameters.size());
        out.writeInt(3 << 16); // the version of the protocol
        parameters.writeTo(out);
        return HexFormat.of().formatHex(message.toByteArray());
    }

    /** A query and the end of the session. */
    private static String query() throws IOException {
        byte[] sql = "SELECT pg_is_in_recovery()\0".getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(message);
        out.writeByte('Q');
        out.writeInt(4 + sql.length);
        out.write(sql);
        out.writeByte('X');
        out.writeInt(4);
        return HexFormat.of().formatHex(message.toByteArray());
    }

    void start() {
        process = ProgramProcess.start(
                directory.resolve("haproxy.log"),
                Map.of(),
                List.of(
                        DebianPrograms.unpacked("usr/sbin/haproxy").toString(),
                        "-db",
                        "-f",
                        directory.resolve("haproxy.cfg").toString()));
        process.awaitReady(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
                return true;
            }
        });
    }

    /** Kills it (SIGKILL), with all connections through it. */
    void killHard() {
        process.kill();
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    @Override
    public void close() {
        process.close();
    }
}
