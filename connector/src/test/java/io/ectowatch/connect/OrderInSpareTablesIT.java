package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** As {@link OrderWithinStatementsIT}, where other transactions hold the journal's tables and the task has made further ones. */
class OrderInSpareTablesIT {

    private static final String SPARE =
            "SELECT (last_value & 3 = 3)::int * (SELECT last_value FROM ectowatch.\"shop.spare\") FROM ectowatch.\"shop.ring\"";

    @NewDatabase
    private TestDatabase database;

    @Test
    void theLastRecordOfAKeyAgreesWithTheTable() throws Exception {
        database.execute(
                "CREATE TABLE plain (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)",
                "CREATE TABLE marks (id int PRIMARY KEY, n int)",
                "CREATE TABLE filler (id text PRIMARY KEY, n int)",
                "INSERT INTO plain VALUES (1, 1), (2, 2), (3, 3), (4, 4)",
                "CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " UPDATE plain SET n = n + 100 WHERE id = NEW.id AND n < 100; RETURN NULL; END $$",
                "CREATE TRIGGER again AFTER INSERT OR UPDATE ON plain FOR EACH ROW EXECUTE FUNCTION again()");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                Watching watching = Watching.start(
                        database,
                        "watchers=plain,marks,filler",
                        "watchers.plain.table=plain",
                        "watchers.plain.extra.columns=n",
                        "watchers.marks.table=marks",
                        "watchers.marks.extra.columns=n",
                        "watchers.filler.table=filler",
                        "journal.max.bytes=4194304",
                        "doorbell=off")) {
            database.begin("LOCK TABLE ectowatch.\"shop.journal.0\", ectowatch.\"shop.journal.1\","
                    + " ectowatch.\"shop.journal.2\" IN ACCESS SHARE MODE");
            await().until(() -> {
                database.execute("DO $$ BEGIN FOR i IN 1..100 LOOP INSERT INTO filler VALUES (gen_random_uuid() ||"
                        + " repeat('x', 1000)); END LOOP; END $$");
                watching.poll();
                watching.commit();
                return database.number(SPARE) > 0;
            });
            database.execute("INSERT INTO filler VALUES ('end')");
            watching.changes(all -> watching.published().contains("public.filler inserted [end]"));
            watching.forget();
            Mirror mirror = new Mirror(connection, watching);
            mirror.copyOf("plain").putAll(mirror.read("plain"));
            for (String sql : new String[] {
                "UPDATE plain SET n = 5 WHERE id = 1",
                "INSERT INTO plain VALUES (5, 5)",
                "UPDATE plain SET n = n - 100 WHERE n > 100",
                "WITH d AS (DELETE FROM plain WHERE id IN (1, 2) RETURNING id) INSERT INTO plain SELECT id, 9 FROM d LIMIT 1",
                "UPDATE plain SET n = 6 WHERE id = 3",
                "DELETE FROM plain WHERE id = 3"
            }) {
                statement.execute(sql);
                assertThat(mirror.awaitCopyOf("plain"))
                        .as("%s: %s", sql, watching.published())
                        .isEqualTo(mirror.read("plain"));
            }
            assertThat(database.number(SPARE)).as("it went there").isPositive();
            assertThat(database.number("SELECT is_called::int FROM ectowatch.\"shop.lost\""))
                    .as("nothing had to be announced")
                    .isZero();
        }
    }
}
