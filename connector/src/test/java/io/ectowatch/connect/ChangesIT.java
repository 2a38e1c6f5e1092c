package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the triggers report of the statements that an application runs. */
@InBothDeliveries
class ChangesIT extends EitherDelivery {

    @BeforeEach
    void aShop() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text, age int)",
                "CREATE TABLE seats (hall int, seat text, taken bool, PRIMARY KEY (seat, hall))");
    }

    @Test
    void eachRowOfAStatementIsOneChange() throws Exception {
        try (Watching watching = start("tables=users")) {
            database.execute(
                    "INSERT INTO users VALUES (1, 'a'), (2, 'b')",
                    "UPDATE users SET email = 'c' WHERE id = 2",
                    "DELETE FROM users");

            watching.changes(5);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [1]",
                            "public.users inserted [2]",
                            "public.users updated [2]",
                            "public.users deleted [1]",
                            "public.users deleted [2]");
        }
    }

    @Test
    void aKeyOfSeveralColumnsComesInTheKeysOrder() throws Exception {
        try (Watching watching = start("tables=seats")) {
            database.execute("INSERT INTO seats VALUES (3, 'B7', true)");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.seats inserted [B7, 3]");
        }
    }

    @Test
    void aChangedKeyIsADeletionAndAnInsertion() throws Exception {
        database.execute("INSERT INTO users VALUES (1, 'a'), (2, 'b')");
        try (Watching watching = start("tables=users")) {
            database.execute("UPDATE users SET id = id + 10");

            watching.changes(4);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.users deleted [1]",
                            "public.users deleted [2]",
                            "public.users inserted [11]",
                            "public.users inserted [12]");
        }
    }

    @Test
    void aChangedKeyIsReportedToThoseWhoWatchOnlyDeletions() throws Exception {
        database.execute("INSERT INTO users VALUES (1, 'a'), (2, 'b')");
        try (Watching watching = start("tables=users", "events=deleted")) {
            database.execute("UPDATE users SET email = 'z'", "UPDATE users SET id = 9 WHERE id = 2");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users deleted [2]");
        }
    }

    @Test
    void aStatementThatTouchesNoRowSaysNothing() throws Exception {
        try (Watching watching = start("tables=users")) {
            database.execute(
                    "UPDATE users SET email = 'x'", "DELETE FROM users", "INSERT INTO users SELECT 1 WHERE false");
            database.execute("INSERT INTO users VALUES (1)");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
        }
    }

    @Test
    void theApplicationsLastvalIsItsOwn() throws Exception {
        database.execute("CREATE TABLE items (id bigserial PRIMARY KEY)");
        try (Watching watching = start("tables=items, users");
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO items DEFAULT VALUES");
            statement.execute("INSERT INTO users VALUES (1), (2)");
            try (ResultSet row = statement.executeQuery("SELECT lastval()")) {
                row.next();
                assertThat(row.getLong(1)).isEqualTo(1);
            }
            watching.changes(3);
        }
    }

    @Test
    void onlyTheEventsAskedForAreReported() throws Exception {
        try (Watching watching = start("tables=users", "events=truncated,updated")) {
            database.execute(
                    "INSERT INTO users VALUES (1)",
                    "UPDATE users SET age = 3",
                    "DELETE FROM users",
                    "INSERT INTO users VALUES (2)",
                    "TRUNCATE users");

            watching.changes(2);
            assertThat(watching.published()).containsExactly("public.users updated [1]", "public.users truncated");
        }
    }

    @Test
    void storedGeneratedColumnsHaveTheirValues() throws Exception {
        database.execute(
                "CREATE TABLE boxes (id int PRIMARY KEY, side int, area int GENERATED ALWAYS AS (side * side) STORED)");
        try (Watching watching = start(
                "watchers=w", "watchers.w.table=boxes", "watchers.w.extra.columns=area", "watchers.w.columns=area")) {
            database.execute(
                    "INSERT INTO boxes (id, side) VALUES (1, 3)",
                    "UPDATE boxes SET side = -3",
                    "UPDATE boxes SET side = 4");

            watching.changes(2);
            assertThat(watching.published())
                    .extracting(change -> change.replaceAll("\\[1, (\\d+)]", "$1"))
                    .containsExactly("public.boxes inserted 9", "public.boxes updated 16");
        }
    }

    @Test
    void equalStatementsOfOneTransactionAreNotFoldedIntoOne() throws Exception {
        try (Watching watching = start("tables=users", "events=updated")) {
            database.execute(
                    "INSERT INTO users VALUES (1)",
                    "BEGIN; UPDATE users SET age = 1; UPDATE users SET age = 1; UPDATE users SET age = 1; COMMIT");

            List<Change> changes = watching.changes(3);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users updated [1]", "public.users updated [1]", "public.users updated [1]");
            assertThat(changes.stream().map(Change::id)).doesNotHaveDuplicates();
            assertThat(new HashSet<>(changes.stream().map(Change::transactionId).toList()))
                    .hasSize(1);
        }
    }

    @Test
    void whatIsRolledBackIsNotReported() throws Exception {
        try (Watching watching = start("tables=users")) {
            database.execute("""
                    BEGIN;
                    INSERT INTO users VALUES (1);
                    SAVEPOINT s;
                    INSERT INTO users VALUES (2);
                    ROLLBACK TO s;
                    INSERT INTO users VALUES (3);
                    COMMIT
                    """, "BEGIN; INSERT INTO users VALUES (4); ROLLBACK", "INSERT INTO users VALUES (5)");

            watching.changes(3);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [1]", "public.users inserted [3]", "public.users inserted [5]");
        }
    }

    @Test
    void columnsThatAreIncludedInTheKeysIndexAreNotPartOfTheKey() throws Exception {
        database.execute("CREATE TABLE pages (id int, note text, PRIMARY KEY (id) INCLUDE (note))");
        try (Watching watching = start("tables=pages")) {
            database.execute("INSERT INTO pages VALUES (1, 'a')");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.pages inserted [1]");
        }
    }

    @Test
    void aDeferrableKeyMayOccurTwiceAndADomainIsAKeyAsAnyOther() throws Exception {
        database.execute(
                "CREATE DOMAIN code AS text CHECK (VALUE <> '')",
                "CREATE TABLE codes (id code PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)");
        try (Watching watching = start("tables=codes", "row.triggers=false")) {
            database.execute("BEGIN; INSERT INTO codes VALUES ('a'), ('a'); DELETE FROM codes; COMMIT");
            watching.changes(5);
            assertThat(watching.published())
                    .containsExactly(
                            "public.codes inserted [a]",
                            "public.codes inserted [a]",
                            "public.codes deleted [a]",
                            "public.codes deleted [a]",
                            // As far as the triggers know, one of the two rows may still be there.
                            "public.codes resync");
        }
    }
}
