package io.ectowatch.connect.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.Certificate;
import io.ectowatch.connect.testing.FaultyProxy;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS as an operator asks for it, with a server that lets nobody in without. */
class TlsIT {

    private static final int CHANGES = 300;
    private static final Map<String, ?> FROM_THE_BEGINNING = null;

    @TempDir
    static Path directory;

    private static OwnServer server;
    private static Certificate certificate;

    @BeforeAll
    static void aServerThatWantsTls() throws Exception {
        certificate = Certificate.of("127.0.0.1", directory);
        Path rules = Files.writeString(directory.resolve("rules"), "hostssl all all 127.0.0.1/32 trust\n");
        server = OwnServer.start(
                directory.resolve("data"),
                "ssl = on",
                "ssl_cert_file = '" + certificate.certificate() + "'",
                "ssl_key_file = '" + certificate.key() + "'",
                "hba_file = '" + rules + "'");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void aTable() throws Exception {
        server.execute(
                "DROP SCHEMA IF EXISTS ectowatch CASCADE",
                "DROP TABLE IF EXISTS users",
                "CREATE TABLE users (id int PRIMARY KEY)");
    }

    @InBothDeliveries
    void everySessionIsEncryptedAndTheServersCertificateIsChecked(String delivery) throws Exception {
        try (Watching watching = Watching.begin(FROM_THE_BEGINNING, settings(server.port(), delivery, verified()))) {
            watching.awaitInstalled();
            server.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
            assertThat(server.text("SELECT count(*) > 0 AND bool_and(s.ssl) FROM pg_stat_ssl AS s"
                            + " JOIN pg_stat_activity AS a USING (pid) WHERE a.application_name LIKE 'ectowatch %'"))
                    .isEqualTo("t");
        }
    }

    /** The driver cannot decrypt a piece of a message, and must not forget it. */
    @InBothDeliveries
    void whatArrivesInSmallPiecesIsPutTogether(String delivery) throws Exception {
        try (FaultyProxy proxy = new FaultyProxy("127.0.0.1", server.port())) {
            try (Watching watching = Watching.begin(FROM_THE_BEGINNING, settings(proxy.port(), delivery, verified()))) {
                watching.awaitInstalled();
                proxy.crumble();
                List<String> published = new ArrayList<>();
                for (int id = 1; id <= CHANGES; id++) {
                    server.execute("INSERT INTO users VALUES (" + id + ")");
                    published.add("public.users inserted [" + id + "]");
                }
                watching.changes(CHANGES);
                assertThat(watching.published()).containsExactlyElementsOf(published);
            }
        }
    }

    @Test
    void aServerThatCannotProveWhoItIsIsNotTalkedTo() throws Exception {
        Certificate another = Certificate.of("127.0.0.1", Files.createDirectory(directory.resolve("another")));
        String[] wrong = {
            "connection.properties.sslmode=verify-full", "connection.properties.sslrootcert=" + another.certificate()
        };
        assertThat(Validation.errors(settings(server.port(), "durable", wrong)))
                .containsOnlyKeys("connection.url")
                .hasEntrySatisfying("connection.url", message -> assertThat(message)
                        .contains("Cannot open a TLS connection", "sslmode", "sslrootcert")
                        .doesNotContain("Exception"));
    }

    @Test
    void aCertificateForAnotherHostIsRefused() {
        String[] settings = settings(server.port(), "durable", verified());
        settings[0] = settings[0].replace("127.0.0.1", "localhost");
        assertThat(Validation.errors(settings)).hasEntrySatisfying("connection.url", message -> assertThat(message)
                .contains("Cannot open a TLS connection", "localhost", "sslmode"));
    }

    @Test
    void aRootCertificateThatIsNotThereIsNamed() {
        String[] missing = {
            "connection.properties.sslmode=verify-full", "connection.properties.sslrootcert=/nowhere/ca.crt"
        };
        assertThat(Validation.errors(settings(server.port(), "durable", missing)))
                .hasEntrySatisfying(
                        "connection.url", message -> assertThat(message).contains("/nowhere/ca.crt", "sslrootcert"));
    }

    @Test
    void theErrorWithoutTlsSaysThatTheServerRequiresIt() {
        assertThat(Validation.errors(settings(server.port(), "durable", "connection.properties.sslmode=disable")))
                .hasEntrySatisfying(
                        "connection.user", message -> assertThat(message).contains("no encryption", "pg_hba.conf"));
    }

    private static String[] verified() {
        return new String[] {
            "connection.properties.sslmode=verify-full",
            "connection.properties.sslrootcert=" + certificate.certificate()
        };
    }

    private static String[] settings(int port, String delivery, String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "connection.url=jdbc:postgresql://127.0.0.1:" + port + "/postgres",
                "connection.user=postgres",
                "tables=users",
                "delivery.mode=" + delivery));
        settings.addAll(Arrays.asList(more));
        return settings.toArray(String[]::new);
    }
}
