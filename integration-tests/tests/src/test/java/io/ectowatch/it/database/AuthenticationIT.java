package io.ectowatch.it.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.it.StackExtension;
import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ConnectorStatus.Part;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import io.ectowatch.testkit.embedded.EmbeddedPostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A server that wants a client certificate of one role, and SCRAM of another. The worker reads the settings from a file, by
 * Kafka's {@code FileConfigProvider}.
 */
@Tag("database")
@ExtendWith(StackExtension.class)
class AuthenticationIT {

    private static final String PASSWORD = "s3cr3t-of-the-connector";
    private static final String CONNECTOR = "authenticated";

    private static Path directory;
    private static EmbeddedPostgresServer server;
    private static Certificates certificates;

    private final Stack stack;
    private final ConnectRest rest;

    AuthenticationIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @BeforeAll
    static void aServer() throws Exception {
        Path binaries = DebianPrograms.postgres(18);
        directory = DebianPrograms.newDirectory("authentication");
        certificates = new Certificates(directory.resolve("certificates"));
        Path certificate = certificates.issue("server");
        server = new EmbeddedPostgresServer(directory);
        server.create(
                binaries,
                "ssl = on",
                "ssl_ca_file = '" + certificates.authority() + "'",
                "ssl_cert_file = '" + certificate + "'",
                "ssl_key_file = '" + Certificates.keyOf(certificate) + "'");
        Files.writeString(server.data().resolve("pg_hba.conf"), """
                hostssl all certified 127.0.0.1/32 cert
                host all digested 127.0.0.1/32 md5
                host all all 127.0.0.1/32 scram-sha-256
                """);
        server.start();
        execute(
                "CREATE ROLE certified LOGIN",
                "CREATE ROLE scrambled LOGIN PASSWORD '" + PASSWORD + "'",
                "SET password_encryption = 'md5'; CREATE ROLE digested LOGIN PASSWORD '" + PASSWORD + "'",
                "GRANT CREATE ON DATABASE postgres TO certified, scrambled, digested");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.discard();
        }
    }

    @BeforeEach
    void aTable() throws SQLException {
        execute(
                "CREATE TABLE crates (id int PRIMARY KEY)",
                "GRANT TRIGGER ON crates TO certified, scrambled, digested");
    }

    @AfterEach
    void remove() throws SQLException {
        rest.connectors().stream().filter(CONNECTOR::equals).forEach(rest::delete);
        execute("DROP SCHEMA IF EXISTS ectowatch CASCADE", "DROP TABLE crates");
    }

    @Test
    void everySessionShowsTheClientCertificateThatAFileNames() throws Exception {
        rest.putConnector(CONNECTOR, config("certified", certified(certificates.issue("certified"))));
        assertCaptures("a-certified.crates", 1);
        assertThat(text("SELECT string_agg(DISTINCT client_dn, ' ') FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                        + " WHERE usename = 'certified'"))
                .isEqualTo("/CN=certified");
        // New sessions read the files again.
        execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'certified'");
        assertCaptures("a-certified.crates", 2);
    }

    @Test
    void aWrongCertificateIsNamedWithoutItsContent() throws Exception {
        Certificates others = new Certificates(directory.resolve("others"));
        Path ofAnotherAuthority = others.issue("certified");
        Path ofAnotherRole = certificates.issue("somebody");
        Map<String, String> none = certified(ofAnotherRole);
        none.remove("sslcert");
        none.remove("sslkey");
        Map<String, String> distrusting = certified(certificates.issue("certified"));
        distrusting.put("sslrootcert", others.authority().toString());
        Map<String, String> mixed = certified(ofAnotherRole);
        mixed.put("sslkey", Certificates.keyOf(ofAnotherAuthority).toString());

        assertRefused("certified", certified(ofAnotherAuthority), "sslcert");
        assertRefused("certified", certified(ofAnotherRole), "certificate authentication failed", "pg_hba.conf");
        assertRefused("certified", none, "requires a valid client certificate");
        assertRefused("certified", distrusting, "TLS", "sslrootcert");
        assertRefused("certified", mixed, "sslkey");
    }

    @Test
    void aTaskWhoseCertificateWasReplacedByAWrongOneSaysWhyAndShowsNoSecret() throws Exception {
        Path current = directory.resolve("current.crt");
        replace(current, certificates.issue("certified"));
        rest.putConnector(CONNECTOR, config("certified", certified(current)));
        assertCaptures("a-certified.crates", 1);
        replace(current, certificates.issue("somebody"));
        rest.restart(CONNECTOR);
        await().until(() -> rest.status(CONNECTOR).tasks().stream()
                .anyMatch(task -> task.state().equals("FAILED")));
        Part task = rest.status(CONNECTOR).tasks().get(0);
        assertThat(task.trace())
                .contains("certificate authentication failed for user \"certified\"", "connection.user")
                .doesNotContain(secretsOf(current));
    }

    private static void replace(Path certificate, Path another) throws IOException {
        Files.copy(another, certificate, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(
                Certificates.keyOf(another),
                Certificates.keyOf(certificate),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
    }

    @Test
    void scramIsBoundToTheTlsChannel() throws Exception {
        rest.putConnector(CONNECTOR, config("scrambled", bound("require", "verify-full")));
        assertCaptures("a-scrambled.crates", 1);
        assertThat(text("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                        + " WHERE usename = 'scrambled'"))
                .isEqualTo("t");
    }

    @Test
    void channelBindingIsRefusedWithoutTlsAndWithoutScram() throws Exception {
        assertRefused(
                "scrambled", bound("require", "disable"), "Channel Binding is required", "channelBinding", "sslmode");
        assertRefused("digested", bound("require", "verify-full"), "channelBinding", "scram-sha-256");
    }

    private Map<String, String> certified(Path certificate) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("sslmode", "verify-full");
        properties.put("sslrootcert", certificates.authority().toString());
        properties.put("sslcert", certificate.toString());
        properties.put("sslkey", Certificates.keyOf(certificate).toString());
        return properties;
    }

    private static Map<String, String> bound(String channelBinding, String sslmode) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("sslmode", sslmode);
        if (!sslmode.equals("disable")) {
            properties.put("sslrootcert", certificates.authority().toString());
        }
        properties.put("channelBinding", channelBinding);
        return properties;
    }

    /** A config whose values are all in a file that only the worker can read. */
    private Map<String, String> config(String role, Map<String, String> properties) throws IOException {
        StringBuilder file = new StringBuilder("url=" + server.url() + "\npassword=" + PASSWORD + "\n");
        Map<String, String> config = new LinkedHashMap<>();
        Path secrets = directory.resolve("secrets.properties");
        config.put("connector.class", "io.ectowatch.connect.EctoWatchSourceConnector");
        config.put("name", CONNECTOR);
        config.put("topic.prefix", "a-" + role);
        config.put("topic.format", "${prefix}.${table}");
        config.put("tables", "crates");
        config.put("connection.url", "${file:" + secrets + ":url}");
        config.put("connection.user", role);
        if (!role.equals("certified")) {
            config.put("connection.password", "${file:" + secrets + ":password}");
        }
        properties.forEach((name, value) -> {
            file.append(name).append('=').append(value).append('\n');
            config.put("connection.properties." + name, "${file:" + secrets + ":" + name + "}");
        });
        Files.deleteIfExists(secrets);
        Files.createFile(secrets, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(secrets, file);
        return config;
    }

    private void assertCaptures(String topic, int id) throws Exception {
        rest.waitUntilRunning(CONNECTOR);
        await().ignoreExceptions()
                .until(() ->
                        text("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'crates'::regclass AND NOT tgisinternal")
                                .equals("3"));
        execute("INSERT INTO crates VALUES (" + id + ")");
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topic)) {
            reader.await(
                    record -> record.key() != null && record.key().get("id").asInt() == id);
        }
    }

    private void assertRefused(String role, Map<String, String> properties, String... parts) throws Exception {
        Map<String, List<String>> errors = rest.validate(config(role, properties));
        String text = errors.toString();
        System.out.println(role + " " + properties.keySet() + ": " + text);
        assertThat(text)
                .contains(parts)
                .contains("connection.")
                .doesNotContain(PASSWORD, "Exception", "org.postgresql");
        String key = properties.get("sslkey");
        if (key != null) {
            assertThat(text).doesNotContain(secretsOf(Path.of(key.replaceFirst("\\.key$", ".crt"))));
        }
    }

    /** The lines of a private key. */
    private static String[] secretsOf(Path certificate) throws IOException {
        return Files.readAllLines(Certificates.keyOf(certificate)).stream()
                .filter(line -> !line.startsWith("-"))
                .toArray(String[]::new);
    }

    private static void execute(String... statements) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String text(String query) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
