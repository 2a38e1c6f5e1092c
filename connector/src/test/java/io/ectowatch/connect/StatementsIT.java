package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.testing.WithBothTriggers;
import java.io.StringReader;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Statements of every kind, and what they set off: each change is reported, as what it is. */
@WithBothTriggers
class StatementsIT extends EitherDelivery {

    @BeforeEach
    void users() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, email text, age int)");
    }

    @Test
    void upsertsMergesAndCopiesAreReportedAsWhatTheyDid() throws Exception {
        database.execute("INSERT INTO users VALUES (1, 'a')");
        try (Watching watching = start("tables=users")) {
            database.execute("INSERT INTO users VALUES (1, 'x'), (2, 'y') ON CONFLICT (id) DO UPDATE SET email = 'z'");
            watching.changes(2);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder("public.users updated [1]", "public.users inserted [2]");

            watching.forget();
            if (TestDatabase.serverVersion() >= 15) {
                database.execute("""
                        MERGE INTO users u USING (VALUES (1), (2), (3)) AS s (id) ON u.id = s.id
                        WHEN MATCHED AND s.id = 1 THEN DELETE
                        WHEN MATCHED THEN UPDATE SET email = 'm'
                        WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)
                        """);
                watching.changes(3);
                assertThat(watching.published())
                        .containsExactlyInAnyOrder(
                                "public.users deleted [1]", "public.users updated [2]", "public.users inserted [3]");
            }
        }
    }

    @Test
    void cascadesAreReportedOnTheTablesTheyReach() throws Exception {
        database.execute(
                "CREATE TABLE posts (id int PRIMARY KEY, author int REFERENCES users ON DELETE CASCADE)",
                "INSERT INTO users VALUES (1), (2)",
                "INSERT INTO posts VALUES (10, 1), (11, 1), (12, 2)");
        try (Watching watching = start("tables=users, posts", "events=deleted")) {
            database.execute("DELETE FROM users WHERE id = 1");

            watching.changes(3);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.users deleted [1]", "public.posts deleted [10]", "public.posts deleted [11]");
        }
    }

    @Test
    void aForeignKeyThatIsSetToNullIsAnUpdateOfTheRowsThatHadIt() throws Exception {
        database.execute(
                "CREATE TABLE posts (id int PRIMARY KEY, author int REFERENCES users ON DELETE SET NULL ON UPDATE CASCADE)",
                "INSERT INTO users VALUES (1), (2)",
                "INSERT INTO posts VALUES (10, 1), (11, 1), (12, 2)");
        try (Watching watching = start("tables=posts")) {
            database.execute("UPDATE users SET id = 3 WHERE id = 2", "DELETE FROM users WHERE id = 1");

            watching.changes(3);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.posts updated [12]", "public.posts updated [10]", "public.posts updated [11]");
        }
    }

    @Test
    void copiedRowsAreInserted() throws Exception {
        try (Watching watching = start("tables=users");
                Connection connection = database.connect()) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY users (id, email) FROM STDIN", new StringReader("1\ta\n2\tb\n3\tc\n"));

            watching.changes(3);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [1]", "public.users inserted [2]", "public.users inserted [3]");
        }
    }

    @Test
    void anInsertionThatConflictsAndDoesNothingIsNothing() throws Exception {
        database.execute("INSERT INTO users VALUES (1)");
        try (Watching watching = start("tables=users")) {
            database.execute(
                    "INSERT INTO users VALUES (1) ON CONFLICT DO NOTHING",
                    "INSERT INTO users VALUES (1) ON CONFLICT (id) DO UPDATE SET age = 1 WHERE users.age > 5",
                    "INSERT INTO users VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 5");

            watching.changes(2);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder("public.users deleted [1]", "public.users inserted [5]");
        }
    }

    @Test
    void everyStatementWithinAStatementIsReported() throws Exception {
        database.execute("CREATE TABLE old_users (id int PRIMARY KEY)", "INSERT INTO users VALUES (1), (2), (3)");
        try (Watching watching = start("tables=users, old_users")) {
            database.execute("""
                    WITH gone AS (DELETE FROM users WHERE id = 1 RETURNING id),
                         aged AS (UPDATE users SET age = 9 WHERE id = 2 RETURNING id),
                         made AS (INSERT INTO users VALUES (7) RETURNING id)
                    INSERT INTO old_users SELECT id FROM gone
                    """);

            watching.changes(4);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.users deleted [1]",
                            "public.users updated [2]",
                            "public.users inserted [7]",
                            "public.old_users inserted [1]");
        }
    }

    @Test
    void whatARuleMakesOfAStatementIsReported() throws Exception {
        database.execute(
                "CREATE VIEW people AS SELECT id, email FROM users",
                "CREATE RULE hide AS ON DELETE TO people DO INSTEAD UPDATE users SET email = NULL WHERE id = OLD.id",
                "INSERT INTO users VALUES (1, 'a')");
        try (Watching watching = start("tables=users")) {
            database.execute("INSERT INTO people VALUES (2, 'b')", "DELETE FROM people WHERE id = 1");

            watching.changes(2);
            assertThat(watching.published()).containsExactly("public.users inserted [2]", "public.users updated [1]");
        }
    }

    @Test
    void aTruncationThatCascadesIsReportedOfEachTableWithoutAKey() throws Exception {
        database.execute("CREATE TABLE posts (id int PRIMARY KEY, author int REFERENCES users)");
        try (Watching watching = start("tables=users, posts", "events=truncated")) {
            database.execute("TRUNCATE users CASCADE");

            List<Change> changes = watching.changes(2);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder("public.users truncated", "public.posts truncated");
            assertThat(changes).extracting(Change::values).containsOnlyNulls();
        }
    }

    @Test
    void whatARowTriggerOfTheApplicationDoesIsReportedBehindTheStatementThatSetItOff() throws Exception {
        database.execute("""
                CREATE FUNCTION greet() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    UPDATE users SET email = 'hello' WHERE id = NEW.id;
                    RETURN NULL;
                END $$
                """, "CREATE TRIGGER greet AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION greet()");
        try (Watching watching = start("tables=users")) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(2);
            assertThat(watching.published()).containsExactly("public.users inserted [1]", "public.users updated [1]");
        }
    }

    /** As the workers are that apply what logical replication brings: PostgreSQL calls no ordinary trigger for them. */
    @Test
    void whatASessionDoesAsAReplicaIsNotReported() throws Exception {
        try (Watching watching = start("tables=users")) {
            database.execute("SET session_replication_role = replica; INSERT INTO users VALUES (1)");
            database.execute("INSERT INTO users VALUES (2)");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [2]");
        }
    }
}
