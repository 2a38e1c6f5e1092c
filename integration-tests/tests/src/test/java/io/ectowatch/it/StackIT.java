package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.PostgresServer;
import io.ectowatch.testkit.PostgresServer.StopMode;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StackExtension.class)
class StackIT {

    private static final String CONNECTOR = "io.ectowatch.connect.EctoWatchSourceConnector";

    private final Stack stack;

    StackIT(Stack stack) {
        this.stack = stack;
    }

    @Test
    void theWorkerFindsThePackagedConnectorByItsManifest() {
        assertThat(stack.connect().rest().plugins())
                .contains(new ConnectRest.Plugin(CONNECTOR, "source", System.getProperty("connector.version")));
    }

    @Test
    void theClassPathOfTheTestsHasNoClassOfTheConnector() {
        assertThatThrownBy(() -> Class.forName(CONNECTOR)).isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void postgresHasTheRequestedVersionAndIsDurable() throws SQLException {
        String askedFor = System.getProperty("postgres.version").replaceFirst("\\..*", "");
        try (Connection connection = stack.postgres().connect();
                Statement statement = connection.createStatement()) {
            assertThat(connection.getMetaData().getDatabaseMajorVersion()).hasToString(askedFor);
            assertThat(single(statement, "SHOW fsync")).isEqualTo("on");
            assertThat(single(statement, "SHOW wal_level")).isEqualTo("replica");
        }
    }

    @Test
    void aWrongPasswordIsRejected() {
        PostgresServer postgres = stack.postgres();
        assertThatThrownBy(() -> DriverManager.getConnection(postgres.url(), postgres.user(), "wrong"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
    }

    @Test
    void postgresKeepsCommittedDataAfterRestartAndCrash() throws SQLException {
        PostgresServer postgres = stack.postgres();
        run("CREATE TABLE kept (stop text)");
        for (StopMode mode : StopMode.values()) {
            run("INSERT INTO kept VALUES ('" + mode + "')");
            postgres.restart(mode);
        }
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement()) {
            assertThat(single(statement, "SELECT string_agg(stop, ' ' ORDER BY stop) FROM kept"))
                    .isEqualTo("FAST IMMEDIATE");
        }
        run("DROP TABLE kept");
    }

    @Test
    void aKilledWorkerCanBeRestarted() {
        stack.connect().restart();
        assertThat(stack.connect().rest().plugins()).isNotEmpty();
    }

    @Test
    void aKilledBrokerKeepsItsRecords() {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.kafka().bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>("kept", "{\"id\":1}", "{\"stop\":\"before\"}"));
        }
        stack.kafka().restart();
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), "kept")) {
            assertThat(reader.await(1))
                    .extracting(record -> record.value().get("stop").asText())
                    .containsExactly("before");
        }
    }

    private void run(String sql) throws SQLException {
        try (Connection connection = stack.postgres().connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String single(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }
}
