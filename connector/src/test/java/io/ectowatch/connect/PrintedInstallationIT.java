package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.testing.DdlLog;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a connector prints whose triggers are made by somebody else. */
class PrintedInstallationIT extends ReviewedInstallation {

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void whatIsPrintedMakesWhatApplyWouldHowEverOftenItIsRun(String delivery) throws Exception {
        String[] settings = with(settings(delivery), "mute.allowed=true", "watchers.named.replicated=true");
        String sql = printed(settings);

        database.execute(sql, sql, printed(settings));

        DdlLog log = DdlLog.start(database);
        Watching.start(database, with(settings, "connection.user=" + database.user()))
                .close();
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
    void aStartWritesTheSqlToItsFileAndSaysWhatToDoNext(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("shop.sql");
        String[] settings = with(settings("durable"), PRINT, "install.file=" + file);
        assertThatThrownBy(() -> start(settings))
                .isInstanceOf(ConnectException.class)
                .hasMessage("The SQL for connector shop has been written to " + file
                        + ". Have it run, then set install.mode=verify.");
        assertThat(Files.readString(file)).isEqualTo(printed(settings("durable")));

        Files.writeString(file, "-- EctoWatch for Kafka Connect: of yesterday\n");
        assertThatThrownBy(() -> start(settings)).hasMessageContaining("has been written to");
        assertThat(Files.readString(file)).isEqualTo(printed(settings("durable")));
    }

    @Test
    void aFileOfSomebodyElseIsNotReplaced(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("precious");
        Files.writeString(file, "precious\n");
        assertThatThrownBy(() -> start(with(settings("durable"), PRINT, "install.file=" + file)))
                .hasMessageContaining(
                        "install.file: " + file + " is there, and is none that this connector has written");
        assertThat(Files.readString(file)).isEqualTo("precious\n");

        assertThatThrownBy(
                        () -> start(with(settings("durable"), PRINT, "install.file=" + directory.resolve("no/file"))))
                .hasMessageContaining("install.file: The SQL could not be written to");
    }

    @Test
    void withoutAFileAStartTellsWhereTheSqlIs() {
        assertThatThrownBy(() -> start(with(settings("durable"), PRINT)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("install.mode=print starts nothing. The SQL is the value of install.sql");
    }
}
