package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What has gathered while nobody read is read in bounded memory. {@code -Dbacklog.changes=10000000 -Dbacklog.heap=256m}
 * makes it longer.
 */
class BacklogIT {

    private static final int CHANGES = Integer.getInteger("backlog.changes", 300_000);
    private static final String HEAP = System.getProperty("backlog.heap", "64m");

    @NewDatabase
    private TestDatabase database;

    /** In the order of the keys the journal has but their ends. */
    @ParameterizedTest
    @ValueSource(strings = {"g", "-g"})
    void aLongBacklogIsReadInASmallHeapOnceAndInTheOrderOfEachKey(String order) throws Exception {
        read(CHANGES / 3, order, "0", "tables=users");
    }

    /** Each has many times more than the heap can hold. */
    @ParameterizedTest
    @CsvSource({"15000, 10000", "300, 500000"})
    void aBacklogOfWideRowsIsReadInASmallHeap(int keys, int width) throws Exception {
        read(
                keys,
                "g",
                "repeat('x', " + width + ")",
                "watchers=w",
                "watchers.w.table=users",
                "watchers.w.extra.columns=note");
    }

    private void read(int keys, String order, String note, String... settings) throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, n int, note text)");
        Watching.start(database, settings).close();
        database.execute(
                "INSERT INTO users SELECT g, 0, " + note + " FROM generate_series(1, " + keys + ") g ORDER BY " + order,
                "UPDATE users SET n = 1",
                "DELETE FROM users");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + HEAP,
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                BacklogReader.class.getName(),
                Integer.toString(keys),
                "connection.url=" + database.url(),
                "connection.user=" + database.user()));
        command.addAll(List.of(settings));
        Process reader = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(reader.getInputStream().readAllBytes());
        assertThat(reader.waitFor()).as(output).isZero();
        System.out.println(output);
    }
}
