package io.ectowatch.it.database;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ectowatch.testkit.FreePorts;
import io.ectowatch.testkit.embedded.ProgramProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Two nodes of Patroni, with synchronous replication, and one etcd. Node numbers are 0 and 1. */
final class PatroniCluster implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PASSWORD = "postgres";
    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private static final String CONFIG = """
            scope: shop
            name: %s
            etcd3:
              host: 127.0.0.1:%d
            restapi:
              listen: 127.0.0.1:%d
              connect_address: 127.0.0.1:%d
            bootstrap:
              dcs:
                ttl: 20
                loop_wait: 2
                retry_timeout: 6
                synchronous_mode: true
                postgresql:
                  use_pg_rewind: true
                  parameters:
                    wal_log_hints: 'on'
              initdb:
                - encoding: UTF8
                - locale: C
            postgresql:
              listen: 127.0.0.1:%d
              connect_address: 127.0.0.1:%d
              data_dir: %s
              bin_dir: %s
              pgpass: %s
              parameters:
                unix_socket_directories: ''
              pg_hba:
                - host all all 127.0.0.1/32 scram-sha-256
                - host replication all 127.0.0.1/32 scram-sha-256
              authentication:
                superuser: {username: postgres, password: %s}
                replication: {username: replicator, password: %s}
                rewind: {username: rewinder, password: %s}
            """;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path directory;
    private final Path bin = DebianPrograms.postgres(18).resolve("bin");
    private final int etcdPort = FreePorts.next();
    private final int[] ports = {FreePorts.next(), FreePorts.next()};
    private final int[] restPorts = {FreePorts.next(), FreePorts.next()};
    private final ProgramProcess[] nodes = new ProgramProcess[2];
    private final ProgramProcess etcd;

    /** Starts it. The node 0 is the primary, the node 1 is its synchronous standby. */
    PatroniCluster(Path directory) throws IOException {
        this.directory = directory;
        String client = "http://127.0.0.1:" + etcdPort;
        String peer = "http://127.0.0.1:" + FreePorts.next();
        etcd = ProgramProcess.start(
                directory.resolve("etcd.log"),
                Map.of(),
                List.of(
                        DebianPrograms.unpacked("usr/bin/etcd").toString(),
                        "--name=etcd",
                        "--data-dir=" + directory.resolve("etcd"),
                        "--listen-client-urls=" + client,
                        "--advertise-client-urls=" + client,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=etcd=" + peer,
                        "--unsafe-no-fsync"));
        etcd.awaitReady(() -> get(client + "/health").contains("true"));
        start(0);
        awaitPrimary(0);
        start(1);
        awaitSynchronousStandby(1);
    }

    /** Starts a node: Patroni, which starts PostgreSQL as it finds right. */
    void start(int node) throws IOException {
        Path config = Files.writeString(
                directory.resolve("node" + node + ".yml"),
                CONFIG.formatted(
                        "node" + node,
                        etcdPort,
                        restPorts[node],
                        restPorts[node],
                        ports[node],
                        ports[node],
                        data(node),
                        bin,
                        directory.resolve("pgpass" + node),
                        PASSWORD,
                        PASSWORD,
                        PASSWORD));
        Map<String, String> environment = new HashMap<>(DebianPrograms.pythonEnvironment());
        environment.put("PGPASSWORD", PASSWORD);
        nodes[node] = ProgramProcess.startNotAsRoot(
                directory.resolve("node" + node + ".log"),
                environment,
                List.of(DebianPrograms.unpacked("usr/bin/python3").toString(), "-m", "patroni", config.toString()));
    }

    private Path data(int node) {
        return directory.resolve("data" + node);
    }

    /** Kills Patroni and PostgreSQL of a node (SIGKILL), as if its machine lost power. */
    void killHard(int node) throws IOException {
        nodes[node].kill();
        killPostgres(node);
    }

    /** Kills only PostgreSQL of a node (SIGKILL). Its children notice and end. */
    void killPostgres(int node) throws IOException {
        long pid = Long.parseLong(
                Files.readAllLines(data(node).resolve("postmaster.pid")).get(0));
        ProcessHandle.of(pid).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
    }

    /** Makes the node the primary, and the other one its standby. */
    void switchOver(int leader, int candidate) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(rest(leader) + "/switchover"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(
                        "{\"leader\": \"node" + leader + "\", \"candidate\": \"node" + candidate + "\"}"))
                .timeout(Duration.ofMinutes(2))
                .build();
        var response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IOException("switchover: " + response.statusCode() + " " + response.body());
        }
    }

    void awaitPrimary(int node) {
        nodes[node].awaitReady(() -> status(rest(node) + "/primary") == 200);
    }

    void awaitSynchronousStandby(int node) {
        await("node " + node + " is the synchronous standby, see " + directory)
                .atMost(TIMEOUT)
                .ignoreExceptions()
                .until(() -> status(rest(node) + "/synchronous") == 200);
    }

    /** The number of failovers and switchovers. */
    int failovers() throws IOException, InterruptedException {
        JsonNode history = JSON.readTree(get(rest(0) + "/history"));
        return history.size();
    }

    /** The URL of whichever node is the primary, for a driver. */
    String url() {
        // The driver remembers for so long which node is the primary; the default is 10 s.
        return "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres?targetServerType=primary&hostRecheckSeconds=1"
                .formatted(ports[0], ports[1]);
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url() + "&connectTimeout=5&socketTimeout=60", user(), PASSWORD);
    }

    String user() {
        return "postgres";
    }

    String password() {
        return PASSWORD;
    }

    private String rest(int node) {
        return "http://127.0.0.1:" + restPorts[node];
    }

    private int status(String url) throws IOException, InterruptedException {
        return http.send(request(url), BodyHandlers.discarding()).statusCode();
    }

    private String get(String url) throws IOException, InterruptedException {
        return http.send(request(url), BodyHandlers.ofString()).body();
    }

    private static HttpRequest request(String url) {
        return HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(10))
                .build();
    }

    @Override
    public void close() throws IOException {
        for (int node = 0; node < nodes.length; node++) {
            if (nodes[node] != null) {
                nodes[node].close();
            }
            if (Files.exists(data(node).resolve("postmaster.pid"))) {
                killPostgres(node);
            }
        }
        etcd.close();
    }
}
