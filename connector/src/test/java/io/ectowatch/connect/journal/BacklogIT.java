package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * What has gathered while nobody read is read in bounded memory. {@code -Dbacklog.changes=10000000 -Dbacklog.heap=256m}
 * makes it longer.
 */
class BacklogIT {

    private static final int CHANGES = Integer.getInteger("backlog.changes", 300_000);
    private static final String HEAP = System.getProperty("backlog.heap", "64m");

    @Test
    void aLongBacklogIsReadInASmallHeapOnceAndInTheOrderOfEachKey() throws Exception {
        int keys = CHANGES / 3;
        try (TestDatabase database = TestDatabase.create()) {
            database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)");
            Watching.start(database, "tables=users", "delivery.mode=durable").close();
            database.execute(
                    "INSERT INTO users SELECT g, 0 FROM generate_series(1, " + keys + ") g",
                    "UPDATE users SET n = 1",
                    "DELETE FROM users");
            Process reader = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx" + HEAP,
                            "-XX:+ExitOnOutOfMemoryError",
                            "-cp",
                            System.getProperty("java.class.path"),
                            BacklogReader.class.getName(),
                            database.url(),
                            database.user(),
                            Integer.toString(keys))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(reader.getInputStream().readAllBytes());
            assertThat(reader.waitFor()).as(output).isZero();
            System.out.println(output);
        }
    }
}
