package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A partition that is a foreign table: its trigger runs in a transaction that has written nothing here, and has no ID yet.
 * PostgreSQL allows no such partition with a valid primary key, but with one that was added by {@code ALTER TABLE ONLY}.
 */
class ForeignPartitionIT {

    @NewDatabase
    private TestDatabase database;

    @TempDir
    Path directory;

    private OwnServer elsewhere;

    @BeforeEach
    void aPartitionOnAnotherServer() throws Exception {
        elsewhere = OwnServer.start(directory.resolve("data"));
        elsewhere.execute("CREATE TABLE remote (id int NOT NULL)");
        URI at = URI.create(elsewhere.url().substring(5));
        database.execute(
                "CREATE EXTENSION postgres_fdw",
                "CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '" + at.getHost() + "', port '"
                        + at.getPort() + "', dbname 'postgres')",
                "CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere OPTIONS (user 'postgres', password 'any')",
                "CREATE TABLE logs (id int NOT NULL) PARTITION BY RANGE (id)",
                "CREATE FOREIGN TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10) SERVER elsewhere"
                        + " OPTIONS (table_name 'remote')",
                "ALTER TABLE ONLY logs ADD PRIMARY KEY (id)",
                "CREATE TABLE other (id int)");
    }

    @AfterEach
    void close() {
        elsewhere.close();
    }

    @Test
    void aChangeIsPublishedAlthoughItsTriggerRanBeforeItsTransactionHadAnId() throws Exception {
        try (Watching watching = Watching.start(database, "tables=logs", "doorbell=off")) {
            Statement holder = database.begin("LOCK TABLE ectowatch.\"shop.journal.0\" IN SHARE MODE");
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> insert(1));
            await().until(() -> database.number(
                            "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'RowExclusiveLock' AND relation ="
                                    + " 'ectowatch.\"shop.journal.0\"'::regclass")
                    > 0);
            for (int id = 0; id < 20; id++) { // the task reads on, and finds later transactions
                database.execute("INSERT INTO other VALUES (" + id + ")");
                watching.poll();
                watching.poll();
            }
            holder.execute("COMMIT");
            writer.join();
            insert(2);

            watching.changes(all -> watching.published().contains("public.logs inserted [2]"));
            assertThat(watching.published()).containsExactly("public.logs inserted [1]", "public.logs inserted [2]");
        }
    }

    private void insert(int id) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO logs VALUES (" + id + ")");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
