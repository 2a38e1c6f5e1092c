package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.Watching;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages of the journal that are damaged on disk: around a value one can read; without rows, the task fails and says why. */
class DamagedJournalIT {

    private static final int PAGE = 8192;

    @TempDir
    private Path directory;

    @Test
    void aDamagedValueIsAResyncOfItsTableAndADamagedPageFailsTheTask() throws Exception {
        Path data = directory.resolve("data");
        try (OwnServer server = OwnServer.start(data)) {
            server.execute(
                    "CREATE TABLE users (id int PRIMARY KEY, name text)",
                    "CREATE TABLE other (id int PRIMARY KEY, name text)");
            String[] settings = {
                "connection.url=" + server.url(),
                "connection.user=postgres",
                "watchers=u,o",
                "watchers.u.table=users",
                "watchers.u.extra.columns=name",
                "watchers.o.table=other",
                "watchers.o.extra.columns=name",
                "doorbell=off"
            };
            try (Watching watching = Watching.begin((Map<String, ?>) null, settings)) {
                watching.awaitInstalled();
            }
            server.execute(
                    "INSERT INTO other VALUES (1, 'a')",
                    "INSERT INTO users SELECT 2, string_agg(md5(g::text), '') FROM generate_series(1, 500) g",
                    "INSERT INTO other VALUES (3, 'c')");
            String journal = "SELECT pg_relation_filepath('ectowatch.\"shop.journal.0\"')";
            String values = "SELECT pg_relation_filepath(reltoastrelid) FROM pg_class WHERE oid ="
                    + " 'ectowatch.\"shop.journal.0\"'::regclass";
            damage(server, data, values);
            try (Watching watching = Watching.begin((Map<String, ?>) null, settings)) {
                watching.changes(3);
                assertThat(watching.published())
                        .containsExactly(
                                "public.other inserted [1, a]", "public.users resync", "public.other inserted [3, c]");
            }

            damage(server, data, journal);
            try (Watching watching = Watching.begin(Duration.ofMillis(500), settings)) {
                assertThatThrownBy(() -> watching.changes(1))
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining("PostgreSQL reports damaged data: ")
                        .hasMessageContaining("(SQLSTATE XX001)")
                        .hasMessageContaining("every table then gets a resync record");
            }
        }
    }

    /** Overwrites the pages of a file that a query names, while the server does not run. */
    private static void damage(OwnServer server, Path data, String query) throws Exception {
        server.execute("CHECKPOINT");
        Path file = data.resolve(server.text(query));
        server.crash();
        try (RandomAccessFile pages = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] nonsense = new byte[PAGE];
            Arrays.fill(nonsense, (byte) 0xA5);
            assertThat(pages.length()).isPositive();
            for (long at = 0; at < pages.length(); at += PAGE) {
                pages.seek(at);
                pages.write(nonsense);
            }
        }
        server.start();
    }
}
