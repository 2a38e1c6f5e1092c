package io.ectowatch.connect;

import static io.ectowatch.connect.testing.Validation.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.FaultyProxy;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What validation says of the server, the role and its privileges. */
class ServerValidationIT {

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aDatabase() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text)",
                "CREATE SCHEMA billing",
                "CREATE TABLE billing.users (id int PRIMARY KEY)");
    }

    @AfterEach
    void nothingWasTouched() throws Exception {
        assertThat(database.number("SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)"
                        + " + (SELECT count(*) FROM pg_namespace WHERE nspname = 'ectowatch')"))
                .isZero();
    }

    @Test
    void aWrongPasswordIsReportedOnThePasswordAndNeverShown() throws Exception {
        String role = database.roleWithPassword("locked", SECRET);
        assertThat(errors("tables=users", "connection.user=" + role, "connection.password=wrong-" + SECRET))
                .containsOnlyKeys("connection.password")
                .hasEntrySatisfying(
                        "connection.password", message -> assertThat(message).doesNotContain(SECRET));
    }

    @Test
    void anUnreachableHostAndAnUnknownDatabaseAreReportedOnTheUrl() throws Exception {
        assertThat(errors("tables=users", "connection.url=jdbc:postgresql://localhost:1/shop"))
                .containsOnlyKeys("connection.url");
        assertThat(errors("tables=users", "connection.url=jdbc:postgresql://localhost:" + database.port() + "/nowhere"))
                .containsOnlyKeys("connection.url")
                .hasEntrySatisfying(
                        "connection.url", message -> assertThat(message).contains("nowhere"));
    }

    @Test
    void aHostThatNeverAnswersIsReportedOnTheUrl() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(database.host(), database.port())) {
            proxy.swallowEverything();
            assertThat(errors("tables=users", "connection.url=jdbc:postgresql://localhost:" + proxy.port() + "/shop"))
                    .containsOnlyKeys("connection.url");
        }
    }

    @Test
    void missingPrivilegesAreReportedWithTheGrantToRun() throws Exception {
        String role = database.role("nobody");
        database.execute("REVOKE CREATE ON DATABASE " + database.name() + " FROM PUBLIC");
        String message = errors("tables=users", "connection.user=" + role).get("database.schema");
        assertThat(message).contains("CREATE SCHEMA \"ectowatch\" AUTHORIZATION \"" + role + "\"");

        database.execute("GRANT CREATE ON DATABASE " + database.name() + " TO " + role);
        assertThat(errors("tables=users", "connection.user=" + role).get("tables"))
                .contains("GRANT TRIGGER ON TABLE \"public\".\"users\" TO \"" + role + "\"");
        assertThat(errors("tables=billing.users", "connection.user=" + role).get("tables"))
                .contains("GRANT USAGE ON SCHEMA \"billing\" TO \"" + role + "\"");

        database.execute("GRANT TRIGGER ON users TO " + role);
        assertThat(errors("tables=users", "connection.user=" + role)).isEmpty();
    }

    @Test
    void aLanguageThatTheRoleMayNotUseIsReportedWithTheGrantToRun() throws Exception {
        String role = database.role("nobody");
        database.execute(
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + role,
                "GRANT TRIGGER ON users TO " + role,
                "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC");
        assertThat(errors("tables=users", "connection.user=" + role))
                .containsOnlyKeys("connection.user")
                .hasEntrySatisfying("connection.user", message -> assertThat(message)
                        .contains("GRANT USAGE ON LANGUAGE plpgsql TO \"" + role + "\";"));
        assertThat(errors("tables=users", "connection.user=" + role, "install.mode=print"))
                .isEmpty();

        database.execute("DROP EXTENSION plpgsql");
        assertThat(errors("tables=users", "connection.user=" + role).get("connection.user"))
                .contains("CREATE EXTENSION plpgsql;");
    }

    @Test
    void aSchemaThatTheRoleMayNotCreateInIsReportedWithTheGrantToRun() throws Exception {
        String role = database.role("nobody");
        database.execute("CREATE SCHEMA own", "GRANT TRIGGER ON users TO " + role);
        assertThat(errors("tables=users", "database.schema=own", "connection.user=" + role)
                        .get("database.schema"))
                .contains("GRANT USAGE, CREATE ON SCHEMA \"own\" TO \"" + role + "\"");
    }

    @Test
    void aStandbyIsRefused(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("data");
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setLocaleConfig("locale", "C")
                .setDataDirectory(data)
                .setCleanDataDirectory(false);
        builder.start().close();
        Files.createFile(data.resolve("standby.signal"));
        try (EmbeddedPostgres standby = builder.start()) {
            assertThat(errors(
                            "tables=users",
                            "connection.url=jdbc:postgresql://localhost:" + standby.getPort() + "/postgres"))
                    .containsOnlyKeys("connection.url")
                    .hasEntrySatisfying(
                            "connection.url", message -> assertThat(message).contains("standby"));
        }
    }

    @Test
    void aServerOlderThanPostgres14IsRefused() throws Exception {
        Path binaries = Path.of(System.getProperty("postgres.too.old.jar"));
        try (URLClassLoader old = new URLClassLoader(new URL[] {binaries.toUri().toURL()}, null);
                EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setLocaleConfig("locale", "C")
                        .setPgBinaryResolver((system, machine) -> binaries(old))
                        .start()) {
            assertThat(errors(
                            "tables=users",
                            "connection.url=jdbc:postgresql://localhost:" + server.getPort() + "/postgres"))
                    .containsOnlyKeys("connection.url")
                    .hasEntrySatisfying("connection.url", message -> assertThat(message)
                            .contains("PostgreSQL 13")
                            .contains("14"));
        }
    }

    /** The jar holds one archive, named for its platform. */
    private static InputStream binaries(URLClassLoader jar) throws IOException {
        try (JarFile file = new JarFile(Path.of(jar.getURLs()[0].getPath()).toFile())) {
            String archive = file.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(".txz"))
                    .findFirst()
                    .orElseThrow();
            return jar.getResourceAsStream(archive);
        }
    }

    private Map<String, String> errors(String... settings) {
        return Validation.errors(database, settings);
    }
}
