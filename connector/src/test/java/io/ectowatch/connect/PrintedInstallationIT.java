package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.config.WorkerOptions;
import io.ectowatch.connect.testing.DdlLog;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a connector prints whose triggers another role creates. */
class PrintedInstallationIT extends ReviewedInstallation {

    @TempDir
    Path directory;

    @BeforeEach
    void theOperatorAllowsADirectory() {
        System.setProperty(WorkerOptions.INSTALL_DIRECTORY, directory.toString());
    }

    @AfterEach
    void theOperatorAllowsNothing() {
        System.clearProperty(WorkerOptions.INSTALL_DIRECTORY);
    }

    @ParameterizedTest
    @CsvSource({"durable, replicated", "notify, replicated", "durable, row.triggers"})
    void whatIsPrintedMakesWhatApplyWouldHowEverOftenItIsRun(String delivery, String setting) throws Exception {
        String[] settings = with(
                settings(delivery),
                "mute.allowed=true",
                "watchers.named." + setting + "=true",
                "connection.user=" + database.user());
        String sql = printed(settings);

        database.execute(sql, sql, printed(settings));

        DdlLog log = DdlLog.start(database);
        Watching.start(database, settings).close();
        assertThat(log.take()).isEmpty();
    }

    @Test
    void oddNamesArePrintedSoThatTheyCanBeRun() throws Exception {
        String odd = "o'd\"d\\ $ectowatch$ -- ; :x\nline";
        database.execute("CREATE TABLE \"o'd\"\"d; --\nline\" (id int PRIMARY KEY)");
        String[] settings = {
            "connection.user=" + role, "name=" + odd, "database.schema=" + odd.replace("\n", " "), "tables=*line"
        };

        database.execute(printed(settings));

        try (Watching watching = Watching.start(database, with(settings, VERIFY))) {
            database.execute("INSERT INTO \"o'd\"\"d; --\nline\" VALUES (1)");
            assertThat(awaitInserted(watching)).endsWith(" inserted [1]");
        }
    }

    @Test
    void printingChangesNothing() throws Exception {
        DdlLog log = DdlLog.start(database);
        printed(settings("durable"));
        assertThat(log.take()).isEmpty();
    }

    @Test
    void whatIsNotNeededAnyMoreIsDroppedByTheNextPrint() throws Exception {
        database.execute(printed(settings("durable")));
        String[] fewer = {"connection.user=" + role, "tables=shop.users", "events=deleted"};
        assertThatThrownBy(() -> Watching.start(database, with(fewer, VERIFY)))
                .hasMessageContaining("DROP FUNCTION")
                .hasMessageContaining("shop.public.posts.insert");

        database.execute(printed(fewer));

        Watching.start(database, with(fewer, VERIFY)).close();
        assertThat(database.column("SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"))
                .containsExactly("ectowatch.shop.delete", "ectowatch.shop.update");
    }

    @Test
    void aStartWritesTheSqlToItsFileAndSaysWhatToDoNext() throws Exception {
        Path file = directory.resolve("shop.sql");
        String[] settings = with(settings("durable"), PRINT, "install.file=" + file);
        assertThatThrownBy(() -> start(settings))
                .isInstanceOf(ConnectException.class)
                .hasMessage("The SQL for connector shop was written to " + file
                        + ". Run it, then set install.mode=verify.");
        assertThat(Files.readString(file)).isEqualTo(printed(settings("durable")));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        Files.writeString(file, "-- EctoWatch for Kafka Connect: of yesterday\n");
        assertThatThrownBy(() -> start(settings)).hasMessageContaining("was written to");
        assertThat(Files.readString(file)).isEqualTo(printed(settings("durable")));
        assertThat(directory).isDirectoryContaining(entry -> entry.equals(file));
        try (Stream<Path> entries = Files.list(directory)) {
            assertThat(entries).containsExactly(file);
        }
    }

    @Test
    void aFileThatTheConnectorHasNotWrittenIsNotReplaced() throws Exception {
        Path file = directory.resolve("precious");
        Files.writeString(file, "precious\n");
        assertThatThrownBy(() -> start(with(settings("durable"), PRINT, "install.file=" + file)))
                .hasMessageContaining(
                        "install.file: " + file + " already exists and was not written by this connector");
        assertThat(Files.readString(file)).isEqualTo("precious\n");

        assertThatThrownBy(
                        () -> start(with(settings("durable"), PRINT, "install.file=" + directory.resolve("no/file"))))
                .hasMessageContaining("install.file: The SQL could not be written to")
                .hasMessageContaining("does not exist");
    }

    /** Lines of one's choice in a new file of the worker's user could be a key that lets one in. */
    @Test
    void noLinkLeadsOutOfTheDirectoryThatTheOperatorAllows(@TempDir Path home) throws Exception {
        Files.createSymbolicLink(directory.resolve("link"), home);
        Path script = Files.writeString(home.resolve("script"), "-- EctoWatch for Kafka Connect: another\n");
        Files.createSymbolicLink(directory.resolve("linked.sql"), script);
        Files.createSymbolicLink(directory.resolve("dangling.sql"), home.resolve("authorized_keys"));

        for (String name : new String[] {"link/authorized_keys", "linked.sql", "dangling.sql"}) {
            assertThatThrownBy(() -> start(with(settings("durable"), PRINT, "install.file=" + directory.resolve(name))))
                    .as(name)
                    .hasMessageContaining("install.file: ")
                    .hasMessageMatching(".*(is not below|was not written by this connector).*");
        }
        try (Stream<Path> entries = Files.list(home)) {
            assertThat(entries).containsExactly(script);
        }
        assertThat(script).hasContent("-- EctoWatch for Kafka Connect: another");
    }

    @Test
    void aFileOutsideOfTheDirectoryIsRefusedByValidationAndStart(@TempDir Path home) {
        String[] settings = with(settings("durable"), PRINT, "install.file=" + home.resolve("authorized_keys"));
        assertThat(errors(settings)).singleElement().satisfies(error -> assertThat(error)
                .contains("It must be below " + directory));
        System.clearProperty(WorkerOptions.INSTALL_DIRECTORY);
        assertThat(errors(settings)).singleElement().satisfies(error -> assertThat(error)
                .contains("does not allow the connector to write files", "install.sql"));
        Map<String, String> props = Map.of(
                "name", "shop",
                "connection.url", database.url(),
                "tables", "posts",
                "install.mode", "print",
                "install.file", home.resolve("authorized_keys").toString());
        assertThatThrownBy(() -> new EctoWatchSourceConnector().start(props))
                .hasMessageContaining("does not allow the connector to write files");
        assertThat(home).isEmptyDirectory();
    }

    private List<String> errors(String[] settings) {
        Map<String, String> props = new HashMap<>(props(settings("durable")));
        Arrays.stream(settings).map(setting -> setting.split("=", 2)).forEach(pair -> props.put(pair[0], pair[1]));
        return new EctoWatchSourceConnector()
                .validate(props).configValues().stream()
                        .flatMap(value -> value.errorMessages().stream())
                        .toList();
    }

    @Test
    void withoutAFileAStartTellsWhereTheSqlIs() {
        assertThatThrownBy(() -> start(with(settings("durable"), PRINT)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(
                        "install.mode=print does not start the connector. Get the SQL from the value of install.sql");
    }
}
