package io.ectowatch.connect.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.Certificate;
import io.ectowatch.connect.testing.OwnServer;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code channelBinding=require} with a server or a role that cannot meet it, in JVMs of different languages. */
class ChannelBindingIT {

    private static final String PASSWORD = "any";

    @TempDir
    static Path directory;

    private static OwnServer server;

    @BeforeAll
    static void aServerWithSeveralWaysToAuthenticate() throws Exception {
        Certificate certificate = Certificate.of("127.0.0.1", directory);
        Path rules = Files.writeString(directory.resolve("rules"), """
                host all scrambled 127.0.0.1/32 scram-sha-256
                host all digested 127.0.0.1/32 md5
                host all all 127.0.0.1/32 trust
                """);
        server = OwnServer.start(
                directory.resolve("data"),
                "ssl = on",
                "ssl_cert_file = '" + certificate.certificate() + "'",
                "ssl_key_file = '" + certificate.key() + "'",
                "hba_file = '" + rules + "'");
        server.execute(
                "SET password_encryption = 'scram-sha-256'; CREATE ROLE scrambled LOGIN PASSWORD '" + PASSWORD + "'",
                "SET password_encryption = 'md5'; CREATE ROLE digested LOGIN PASSWORD '" + PASSWORD + "'",
                "CREATE ROLE trusted LOGIN");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    /** The driver translates its messages into Russian, but not, for example, into German. */
    @ParameterizedTest
    @CsvSource({"en, is required", "ru, Требуется", "de, is required"})
    void aConnectionThatCannotBeBoundNamesTheSettingInEveryLanguage(String language, String words) throws Exception {
        String disabled = "channelBinding=require&sslmode=disable";
        String encrypted = "channelBinding=require&sslmode=require";
        String missing = "channelBinding=require cannot be met";

        List<String> outcomes = connect(
                language,
                List.of(
                        List.of("scrambled", PASSWORD, disabled),
                        List.of("digested", PASSWORD, encrypted),
                        List.of("trusted", PASSWORD, encrypted),
                        List.of("scrambled", PASSWORD, encrypted),
                        List.of("scrambled", "wrong", encrypted),
                        List.of("scrambled", PASSWORD, "sslmode=disable"),
                        List.of("scrambled", "", encrypted)));

        for (String outcome : outcomes.subList(0, 3)) {
            assertThat(outcome).startsWith("permanent").contains(missing, words, "sslmode", "scram-sha-256");
        }
        assertThat(outcomes.get(3)).isEqualTo("connected");
        assertThat(outcomes.get(4)).contains("rejected the password");
        assertThat(outcomes.get(5)).isEqualTo("connected");
        assertThat(outcomes.get(6)).startsWith("permanent").contains(missing, "a password");
    }

    /** Tries each role with its password and its driver properties in a JVM of that language. */
    private static List<String> connect(String language, List<List<String>> attempts) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.language=" + language,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ChannelBindingIT.class.getName(),
                server.url()));
        attempts.forEach(command::addAll);
        Path errors = directory.resolve("errors");
        Process jvm = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        List<String> outcomes =
                new String(jvm.getInputStream().readAllBytes(), UTF_8).lines().toList();
        assertThat(jvm.waitFor()).as(Files.readString(errors)).isZero();
        assertThat(outcomes).hasSameSizeAs(attempts);
        return outcomes;
    }

    /** Prints a line for each attempt. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, UTF_8);
        for (int i = 1; i < arguments.length; i += 3) {
            Map<String, String> properties = new HashMap<>();
            for (String property : arguments[i + 2].split("&")) {
                properties.put(property.split("=")[0], property.split("=")[1]);
            }
            Connections connections = new Connections(new ConnectionSettings(
                    arguments[0], arguments[i], arguments[i + 1], null, properties, 30_000, "test"));
            try (Connection connection = connections.open()) {
                out.println(connection.isClosed() ? "closed" : "connected");
            } catch (SQLException e) {
                Failure failure = Failure.of(e);
                out.println((failure.permanent() ? "permanent: " : "may pass: ") + failure.message());
            }
        }
    }
}
