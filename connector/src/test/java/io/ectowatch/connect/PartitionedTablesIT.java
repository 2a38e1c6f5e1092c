package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.io.StringReader;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** Tables whose rows lie in others: what is reported, whichever of them a statement names. */
@InBothDeliveries
class PartitionedTablesIT extends EitherDelivery {

    @BeforeEach
    void aPartitionedTable() throws Exception {
        database.execute(
                "CREATE TABLE logs (id int, day int NOT NULL, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM (10) TO (20)");
    }

    @Test
    void partitionedTablesReportRootAndLeafStatementsAndLaterPartitions() throws Exception {
        try (Watching watching = start("tables=logs")) {
            database.execute(
                    "INSERT INTO logs VALUES (1, 1), (2, 11)",
                    "UPDATE logs_1 SET note = 'x'",
                    "UPDATE logs SET day = 12 WHERE id = 1",
                    "CREATE TABLE logs_3 PARTITION OF logs FOR VALUES FROM (20) TO (30)",
                    "INSERT INTO logs_3 VALUES (3, 21)",
                    "DELETE FROM logs WHERE id = 2");

            watching.changes(7);
            assertThat(watching.published())
                    .containsExactly(
                            "public.logs inserted [1, 1]",
                            "public.logs inserted [2, 11]",
                            "public.logs updated [1, 1]",
                            "public.logs deleted [1, 1]",
                            "public.logs inserted [1, 12]",
                            "public.logs inserted [3, 21]",
                            "public.logs deleted [2, 11]");
        }
    }

    @Test
    void whateverIsWrittenToAPartitionDirectlyIsReportedOfItsRoot() throws Exception {
        try (Watching watching = start("tables=logs");
                Connection connection = database.connect()) {
            database.execute(
                    "INSERT INTO logs_1 VALUES (1, 1), (2, 2)",
                    "INSERT INTO logs_1 VALUES (2, 2), (3, 3) ON CONFLICT (id, day) DO UPDATE SET note = 'again'",
                    "UPDATE logs_1 SET id = 4 WHERE id = 1",
                    "DELETE FROM logs_1 WHERE id = 2");
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY logs_2 (id, day) FROM STDIN", new StringReader("5\t15\n6\t16\n"));

            watching.changes(9);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.logs inserted [1, 1]",
                            "public.logs inserted [2, 2]",
                            "public.logs updated [2, 2]",
                            "public.logs inserted [3, 3]",
                            "public.logs deleted [1, 1]",
                            "public.logs inserted [4, 1]",
                            "public.logs deleted [2, 2]",
                            "public.logs inserted [5, 15]",
                            "public.logs inserted [6, 16]");
        }
    }

    @Test
    void aRowThatMovesToAnotherPartitionIsDeletedAndInserted() throws Exception {
        database.execute("INSERT INTO logs VALUES (1, 1, 'a'), (2, 2, 'b')");
        try (Watching watching = start("tables=logs")) {
            database.execute("UPDATE logs SET day = day + 10, note = 'moved'");

            watching.changes(4);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.logs deleted [1, 1]",
                            "public.logs inserted [1, 11]",
                            "public.logs deleted [2, 2]",
                            "public.logs inserted [2, 12]");
        }
    }

    @Test
    void aMergeIsReportedAsWhatItDidAlsoWhereItMovesARow() throws Exception {
        assumeThat(TestDatabase.serverVersion()).isGreaterThanOrEqualTo(15);
        database.execute("INSERT INTO logs VALUES (1, 1), (2, 2), (3, 3)");
        try (Watching watching = start("tables=logs")) {
            database.execute("""
                    MERGE INTO logs l USING (VALUES (1), (2), (3), (4)) AS s (id) ON l.id = s.id
                    WHEN MATCHED AND s.id = 1 THEN UPDATE SET day = 11
                    WHEN MATCHED AND s.id = 2 THEN UPDATE SET note = 'stays'
                    WHEN MATCHED THEN DELETE
                    WHEN NOT MATCHED THEN INSERT VALUES (s.id, 14)
                    """);

            watching.changes(5);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.logs deleted [1, 1]",
                            "public.logs inserted [1, 11]",
                            "public.logs updated [2, 2]",
                            "public.logs deleted [3, 3]",
                            "public.logs inserted [4, 14]");
        }
    }

    @Test
    void aTableThatIsAttachedLaterIsReportedFromThenOnAndNoLongerOnceItIsDetached() throws Exception {
        try (Watching watching = start("tables=logs")) {
            database.execute(
                    "CREATE TABLE later (id int, day int NOT NULL, note text, PRIMARY KEY (id, day))",
                    "INSERT INTO later VALUES (1, 21)",
                    "ALTER TABLE logs ATTACH PARTITION later FOR VALUES FROM (20) TO (30)",
                    "INSERT INTO logs VALUES (2, 22)",
                    "UPDATE later SET note = 'x' WHERE id = 1",
                    "UPDATE logs SET day = 1 WHERE id = 2",
                    "ALTER TABLE logs DETACH PARTITION later",
                    "INSERT INTO later VALUES (3, 23)",
                    "INSERT INTO logs VALUES (4, 4)");

            watching.changes(5);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.logs inserted [2, 22]",
                            "public.logs updated [1, 21]",
                            "public.logs deleted [2, 22]",
                            "public.logs inserted [2, 1]",
                            "public.logs inserted [4, 4]");
        }
    }

    @Test
    void partitionsMayHavePartitionsOfTheirOwn() throws Exception {
        try (Watching watching = start("tables=logs")) {
            database.execute(
                    "CREATE TABLE logs_3 PARTITION OF logs FOR VALUES FROM (20) TO (30) PARTITION BY LIST (id)",
                    "CREATE TABLE logs_3_1 PARTITION OF logs_3 FOR VALUES IN (1)",
                    "CREATE TABLE logs_3_2 PARTITION OF logs_3 FOR VALUES IN (2)",
                    "INSERT INTO logs VALUES (1, 21)",
                    "INSERT INTO logs_3 VALUES (2, 22)",
                    "UPDATE logs_3_1 SET note = 'x'",
                    "DELETE FROM logs_3 WHERE id = 2");

            watching.changes(4);
            assertThat(watching.published())
                    .containsExactly(
                            "public.logs inserted [1, 21]",
                            "public.logs inserted [2, 22]",
                            "public.logs updated [1, 21]",
                            "public.logs deleted [2, 22]");
        }
    }

    @Test
    void aTruncationIsReportedOfTheRootAndNotOfASinglePartition() throws Exception {
        try (Watching watching = start("tables=logs", "events=inserted,truncated")) {
            database.execute("TRUNCATE logs_1", "INSERT INTO logs VALUES (1, 1)", "TRUNCATE logs");

            watching.changes(2);
            assertThat(watching.published()).containsExactly("public.logs inserted [1, 1]", "public.logs truncated");
        }
    }

    @Test
    void keysThatChangePlacesArePublishedRowByRow() throws Exception {
        database.execute(
                "CREATE TABLE seats (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED) PARTITION BY RANGE (id)",
                "CREATE TABLE seats_1 PARTITION OF seats FOR VALUES FROM (0) TO (10)",
                "INSERT INTO seats VALUES (1), (2)");
        try (Watching watching = start("tables=seats")) {
            database.execute("UPDATE seats SET id = 3 - id");

            watching.changes(4);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.seats deleted [1]",
                            "public.seats inserted [2]",
                            "public.seats deleted [2]",
                            "public.seats inserted [1]");
            // Each of the keys is there afterwards.
            for (String key : List.of("[1]", "[2]")) {
                assertThat(watching.published().indexOf("public.seats deleted " + key))
                        .isLessThan(watching.published().indexOf("public.seats inserted " + key));
            }
        }
    }

    @Test
    void aChildOfAParentThatIsNotWatchedReportsWhateverStatementChangesIt() throws Exception {
        database.execute(
                "CREATE TABLE animals (id int PRIMARY KEY, name text)",
                "CREATE TABLE cats (PRIMARY KEY (id)) INHERITS (animals)",
                "CREATE TABLE kittens (PRIMARY KEY (id)) INHERITS (cats)");
        try (Watching watching = start("tables=cats, kittens")) {
            database.execute(
                    "INSERT INTO animals VALUES (1)",
                    "INSERT INTO cats VALUES (2), (3)",
                    "INSERT INTO kittens VALUES (4)",
                    "UPDATE animals SET name = 'x' WHERE id <> 3",
                    "DELETE FROM ONLY cats WHERE id = 2",
                    "DELETE FROM animals");

            watching.changes(8);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.cats inserted [2]",
                            "public.cats inserted [3]",
                            "public.kittens inserted [4]",
                            "public.cats updated [2]",
                            "public.kittens updated [4]",
                            "public.cats deleted [2]",
                            "public.cats deleted [3]",
                            "public.kittens deleted [4]");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInheritanceChildReportsWhateverStatementChangesItAndTheParentWhatNamesIt(boolean rowTriggers)
            throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, age int)",
                "CREATE TABLE kids (PRIMARY KEY (id)) INHERITS (users)",
                "INSERT INTO kids VALUES (1)");
        try (Watching watching = start("tables=users, kids", "row.triggers=" + rowTriggers)) {
            database.execute("UPDATE users SET age = 1");
            watching.changes(2);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder("public.users updated [1]", "public.kids updated [1]");

            watching.forget();
            database.execute("INSERT INTO kids VALUES (2)", "INSERT INTO users VALUES (3)");
            watching.changes(2);
            assertThat(watching.published()).containsExactly("public.kids inserted [2]", "public.users inserted [3]");
        }
    }

    @Test
    void aTableWithRowTriggersReportsTheRowsOfItsFirstChildAfterAResync() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, age int)");
        try (Watching watching = start("tables=users", "row.triggers=true", "table.poll.interval.ms=1000")) {
            database.execute(
                    "CREATE TABLE kids (PRIMARY KEY (id)) INHERITS (users)", "INSERT INTO kids VALUES (1), (2)");
            await().until(() -> database.number(
                            "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'users'::regclass AND tgtype & 1 = 1")
                    == 0);
            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.RESYNC));

            watching.forget();
            database.execute("UPDATE users SET age = 1");
            assertThat(watching.changesOfRows(2))
                    .containsExactlyInAnyOrder("public.users updated [1]", "public.users updated [2]");
        }
    }
}
