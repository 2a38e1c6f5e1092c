package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.ectowatch.testkit.FreePorts;
import io.ectowatch.testkit.Stack;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dashboard and the alerts of {@code docker/monitoring} have data: a real worker with the JMX exporter, a connector
 * that publishes changes, and a real Prometheus where there is one.
 */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MonitoringIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Stack stack;
    private final int port = FreePorts.next();
    private final AtomicBoolean ended = new AtomicBoolean();
    private TestDatabase database;
    private Thread writer;

    @TempDir
    private Path directory;

    MonitoringIT(Stack stack) {
        this.stack = stack;
    }

    @BeforeAll
    void publishChanges() throws Exception {
        assumeTrue(
                System.getProperty(Stack.CHOICE, "embedded").equals("embedded"),
                "the worker of this stack cannot be started with the exporter");
        Path rules = MonitoringFiles.DIRECTORY.resolve("jmx-exporter.yaml").toRealPath();
        stack.connect()
                .restartWithAgent(Path.of(System.getProperty("jmx.exporter")), "127.0.0.1:" + port + ":" + rules);
        database = new TestDatabase(stack);
        database.execute("CREATE TABLE orders (id int PRIMARY KEY, n int)", "CREATE TABLE notes (id int PRIMARY KEY)");
        Map<String, String> config = database.watching("orders");
        config.put("topic.prefix", database.name());
        config.put("heartbeat.interval.ms", "1000");
        database.createConnector("shop", config);
        writer = new Thread(this::write, "writer");
        writer.start();
    }

    @AfterAll
    void stop() throws Exception {
        ended.set(true);
        if (writer != null) {
            writer.join();
            database.close();
        }
    }

    /** Some 100 to 400 changes a second. */
    private void write() {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; !ended.get(); i += 10) {
                statement.execute("INSERT INTO orders SELECT n, 0 FROM generate_series(" + i + ", " + (i + 9) + ") n");
                statement.execute("UPDATE orders SET n = n + 1 WHERE id >= " + i);
                statement.execute("DELETE FROM orders WHERE id < " + (i - 100));
                Thread.sleep(50 + 50 * (i / 2000 % 4));
            }
        } catch (SQLException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theWorkerExportsEveryMetricThatAPanelOrAnAlertUses() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build();
        await().atMost(PATIENCE).untilAsserted(() -> {
            Set<String> exported = new TreeSet<>();
            http.send(request, BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.contains("connector=\"" + database.connector("shop") + "\"")
                            || line.contains("connector-producer-" + database.connector("shop")))
                    .forEach(line -> exported.add(line.substring(0, line.indexOf('{'))));
            assertThat(exported).containsAll(MonitoringFiles.metrics());
        });
    }

    @Test
    void everyPanelAndEveryAlertHasData() throws Exception {
        try (Prometheus prometheus = new Prometheus("127.0.0.1:" + port, directory)) {
            List<String> queries = new ArrayList<>();
            MonitoringFiles.panels().forEach(panel -> queries.addAll(panel.queries()));
            assertThat(queries).hasSizeGreaterThan(25);
            for (String alert : MonitoringFiles.alerts()) {
                List<String> operands = MonitoringFiles.operands(alert);
                assertThat(operands).as(alert).isNotEmpty().noneMatch(operand -> operand.matches("[0-9.]*"));
                queries.addAll(operands);
            }
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(queries)
                    .filteredOn(query -> !hasData(prometheus.query(query)))
                    .as("queries without data")
                    .isEmpty());
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(prometheus.alerts())
                    .hasSameSizeAs(MonitoringFiles.alerts())
                    .allSatisfy(alert -> assertThat(alert.path("health").asText())
                            .as(alert.toString())
                            .isEqualTo("ok")));
            await().atMost(PATIENCE)
                    .until(() -> hasData(
                            prometheus.query("ectowatch_heartbeats_total > 0 and ectowatch_resolved_behind_ms > 0")));
            PanelCharts.drawIfAsked(prometheus);

            seesATaskThatFails(prometheus);
            seesAConnectorWithoutASession(prometheus);
        }
    }

    /** A transformation that cannot work fails the task with the first record. */
    private void seesATaskThatFails(Prometheus prometheus) throws Exception {
        String query = MonitoringFiles.alerts().get(0);
        assertThat(query).contains("failed_task_count");
        assertThat(connectors(prometheus.query(query))).doesNotContain(database.connector("failing"));
        Map<String, String> config = database.watching("notes");
        config.put("topic.prefix", database.name());
        config.put("transforms", "cast");
        config.put("transforms.cast.type", "org.apache.kafka.connect.transforms.Cast$Value");
        config.put("transforms.cast.spec", "event:int32");
        stack.connect().rest().putConnector(database.connector("failing"), config);
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            database.execute("INSERT INTO notes SELECT count(*) FROM notes");
            return stack.connect().rest().status(database.connector("failing")).anyFailed();
        });
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(connectors(prometheus.query(query)))
                .contains(database.connector("failing")));
    }

    private void seesAConnectorWithoutASession(Prometheus prometheus) throws Exception {
        String query = MonitoringFiles.alerts().stream()
                .filter(alert -> alert.contains(" unless ") && alert.contains("ectowatch_connected"))
                .findFirst()
                .orElseThrow();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(connectors(prometheus.query(query)))
                .doesNotContain(database.connector("shop")));
        stack.connect().rest().stop(database.connector("shop"));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(connectors(prometheus.query(query)))
                .contains(database.connector("shop")));
        stack.connect().rest().resume(database.connector("shop"));
        stack.connect().rest().waitUntilRunning(database.connector("shop"));
    }

    private static Set<String> connectors(JsonNode series) {
        Set<String> connectors = new TreeSet<>();
        series.forEach(one -> connectors.add(one.at("/metric/connector").asText()));
        return connectors;
    }

    private static boolean hasData(JsonNode series) {
        for (JsonNode one : series) {
            if (!one.at("/value/1").asText().equals("NaN")) {
                return true;
            }
        }
        return false;
    }
}
