package io.ectowatch.connect.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.Certificate;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With every property of the driver that is allowed, changes come, in both deliveries. */
class DriverPropertiesIT {

    private static final Map<String, ?> FROM_THE_BEGINNING = null;
    private static final String STORE_PASSWORD = "changeit";

    @TempDir
    static Path directory;

    private static OwnServer server;
    private static Certificate certificate;
    private static Path encryptedKey;

    @BeforeAll
    static void aServerThatAsksForCertificatesAndPasswords() throws Exception {
        certificate = Certificate.of("127.0.0.1", directory);
        encryptedKey = encryptedKey();
        Path rules = Files.writeString(directory.resolve("rules"), """
                hostssl all certified 127.0.0.1/32 cert map=names
                host all certified 127.0.0.1/32 reject
                host all knowing 127.0.0.1/32 scram-sha-256
                host all all 127.0.0.1/32 trust
                """);
        Path names = Files.writeString(directory.resolve("names"), "names 127.0.0.1 certified\n");
        server = OwnServer.start(
                directory.resolve("data"),
                "ssl = on",
                "ssl_cert_file = '" + certificate.certificate() + "'",
                "ssl_key_file = '" + certificate.key() + "'",
                "ssl_ca_file = '" + certificate.certificate() + "'",
                "hba_file = '" + rules + "'",
                "ident_file = '" + names + "'");
        server.execute(
                "CREATE ROLE certified LOGIN SUPERUSER",
                "CREATE ROLE knowing LOGIN SUPERUSER PASSWORD 'any'",
                "CREATE TABLE users (id int PRIMARY KEY)");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void eachIsTried() {
        assertThat(cases().map(settings -> settings[0].split("=")[0]))
                .containsAll(DriverProperties.ALLOWED)
                .allMatch(DriverProperties.ALLOWED::contains);
    }

    @InBothDeliveries
    void changesCome(String delivery) throws Exception {
        int id = delivery.equals("durable") ? 0 : 1000;
        for (String[] properties : cases().toList()) {
            id++;
            List<String> settings = new ArrayList<>(List.of(
                    "connection.url=" + server.url(),
                    "connection.user=postgres",
                    "connection.password=any",
                    "connection.role=postgres",
                    "tables=users",
                    "delivery.mode=" + delivery));
            for (String property : properties) {
                settings.add(property.startsWith("connection.") ? property : "connection.properties." + property);
            }
            try (Watching watching = Watching.begin(FROM_THE_BEGINNING, settings.toArray(String[]::new))) {
                watching.awaitInstalled();
                server.execute("INSERT INTO users VALUES (" + id + ")");
                String expected = "public.users inserted [" + id + "]";
                watching.changes(all -> all.stream()
                        .anyMatch(change -> Watching.describe(change).equals(expected)));
            }
        }
    }

    /** The property that is tried comes first, then what it needs. */
    private static Stream<String[]> cases() {
        String root = "sslrootcert=" + certificate.certificate();
        String cert = "sslcert=" + certificate.certificate();
        String certified = "connection.user=certified";
        String knowing = "connection.user=knowing";
        return Stream.of(
                new String[] {"sslmode=verify-full", root},
                new String[] {"sslmode=disable"},
                new String[] {root, "sslmode=verify-ca"},
                new String[] {"ssl=true", root},
                new String[] {cert, "sslkey=" + certificate.key(), "sslmode=require", certified},
                new String[] {"sslkey=" + encryptedKey, cert, "sslpassword=hush", "sslmode=require", certified},
                new String[] {"sslpassword=hush", cert, "sslkey=" + encryptedKey, "sslmode=require", certified},
                new String[] {"pemKeyAlgorithm=RSA", cert, "sslkey=" + certificate.key(), "sslmode=require", certified},
                new String[] {"sslNegotiation=postgres", "sslmode=require"},
                new String[] {"sslResponseTimeout=4000", "sslmode=require"},
                new String[] {"channelBinding=require", "sslmode=require", knowing},
                new String[] {"requireAuth=scram-sha-256", knowing},
                new String[] {"scramMaxIterations=200000", knowing},
                new String[] {"gssEncMode=prefer"},
                new String[] {"gssResponseTimeout=4000"},
                new String[] {"targetServerType=primary"},
                new String[] {"hostRecheckSeconds=1"},
                new String[] {"loadBalanceHosts=true"},
                new String[] {"tcpKeepAlive=false"},
                new String[] {"tcpNoDelay=false"},
                new String[] {"sendBufferSize=65536"},
                new String[] {"receiveBufferSize=65536"},
                new String[] {"cancelSignalTimeout=4"},
                new String[] {"prepareThreshold=0"},
                new String[] {"prepareThreshold=1"},
                new String[] {"prepareThreshold=-1"},
                new String[] {"logServerErrorDetail=false"},
                new String[] {"options=-c geqo=off"});
    }

    private static Path encryptedKey() throws Exception {
        KeyStore keys = KeyStore.getInstance(directory.resolve("store.p12").toFile(), STORE_PASSWORD.toCharArray());
        byte[] key = keys.getKey("host", STORE_PASSWORD.toCharArray()).getEncoded();
        String algorithm = "PBEWithSHA1AndDESede";
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec("hush".toCharArray())));
        Path file = Files.write(
                directory.resolve("client.pk8"),
                new EncryptedPrivateKeyInfo(cipher.getParameters(), cipher.doFinal(key)).getEncoded());
        // The driver refuses a key that others may read.
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
