package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of changes of which a watcher wants to hear some only. */
abstract class FilteredChanges extends EitherDelivery {

    @BeforeEach
    void aBlog() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text, phone text, score numeric, doc json, spot point)",
                "CREATE TABLE comments (id int PRIMARY KEY, post_id int NOT NULL, author int NOT NULL, body text)");
    }

    @Test
    void anUpdateCountsOnlyIfOneOfTheColumnsHasAnotherValue() throws Exception {
        database.execute("INSERT INTO users (id, email) VALUES (1, 'a'), (2, 'b'), (3, NULL)");
        try (Watching watching =
                start("watchers=w", "watchers.w.table=users", "watchers.w.columns=email,phone", "events=updated")) {
            database.execute(
                    "UPDATE users SET email = email, score = 7",
                    "UPDATE users SET email = 'x' WHERE id = 2",
                    "UPDATE users SET email = CASE id WHEN 3 THEN 'c' ELSE email END",
                    "UPDATE users SET phone = '0' WHERE id = 1",
                    "UPDATE users SET email = NULL WHERE id = 3");

            watching.changes(4);
            assertThat(watching.told())
                    .containsExactly(
                            "public.users updated [2]",
                            "public.users updated [3]",
                            "public.users updated [1]",
                            "public.users updated [3]");
        }
    }

    @Test
    void insertionsAndDeletionsDoNotDependOnTheColumns() throws Exception {
        try (Watching watching = start("watchers=w", "watchers.w.table=users", "watchers.w.columns=email")) {
            database.execute(
                    "INSERT INTO users (id) VALUES (1)",
                    "UPDATE users SET phone = '1'",
                    "UPDATE users SET id = 2",
                    "DELETE FROM users");

            watching.changes(4);
            assertThat(watching.told())
                    .containsExactlyInAnyOrder(
                            "public.users inserted [1]",
                            "public.users deleted [1]",
                            "public.users inserted [2]",
                            "public.users deleted [2]");
        }
    }

    @Test
    void valuesWithoutAnEqualityOfTheirOwnAreComparedByTheirText() throws Exception {
        database.execute("INSERT INTO users (id, doc, spot, score) VALUES (1, '{\"a\":1}', '(1,2)', 1.0)");
        try (Watching watching = start(
                "watchers=w",
                "watchers.w.table=users",
                "watchers.w.columns=doc,spot,score",
                "watchers.w.extra.columns=email",
                "events=updated")) {
            database.execute(
                    "UPDATE users SET doc = '{\"a\":1}', spot = '(1,2)', score = 1.00, email = '1'",
                    "UPDATE users SET doc = '{\"a\": 1}', email = '2'",
                    "UPDATE users SET spot = '(1,3)', email = '3'",
                    "UPDATE users SET score = 1.01, email = '4'",
                    "UPDATE users SET score = NULL, email = '5'",
                    "UPDATE users SET score = NULL, email = '6'");

            watching.changes(4);
            assertThat(watching.received())
                    .extracting(change -> change.values()[1])
                    .containsExactly("2", "3", "4", "5");
        }
    }

    @Test
    void aStatementOfWhichNothingCountsWritesNothing() throws Exception {
        database.execute("INSERT INTO users (id) SELECT generate_series(1, 3000)");
        try (Watching watching =
                start("watchers=w", "watchers.w.table=users", "watchers.w.columns=email", "events=updated")) {
            database.execute(
                    "UPDATE users SET phone = '1'",
                    "UPDATE users SET phone = '2' WHERE id = 1",
                    "UPDATE users SET email = 'e' WHERE id % 1000 = 0");

            watching.changes(3);
            assertThat(watching.told())
                    .containsExactlyInAnyOrder(
                            "public.users updated [1000]",
                            "public.users updated [2000]",
                            "public.users updated [3000]");
        }
    }

    @Test
    void aConditionSeesTheNewRowTheOldOneOrBoth() throws Exception {
        try (Watching watching = start(
                "watchers=rich,left,became",
                "watchers.rich.table=users",
                "watchers.rich.events=inserted",
                "watchers.rich.when=NEW.score > 100",
                "watchers.left.table=users",
                "watchers.left.events=deleted",
                "watchers.left.when=OLD.score > 100",
                "watchers.became.table=users",
                "watchers.became.events=updated",
                "watchers.became.when=NEW.score > 100 AND (OLD.score > 100) IS NOT TRUE")) {
            database.execute(
                    "INSERT INTO users (id, score) VALUES (1, 99), (2, 101), (3, NULL)",
                    "UPDATE users SET score = 200 WHERE id IN (1, 2)",
                    "UPDATE users SET score = 300 WHERE id = 3",
                    "DELETE FROM users WHERE id = 1",
                    "UPDATE users SET score = 0 WHERE id = 2",
                    "DELETE FROM users WHERE id = 2");

            watching.changes(4);
            assertThat(told(watching))
                    .containsExactly(
                            "ectowatch.users.inserted {id=2}",
                            "ectowatch.users.updated {id=1}",
                            "ectowatch.users.updated {id=3}",
                            "ectowatch.users.deleted {id=1}");
        }
    }

    @Test
    void aChangedKeyIsADeletionAndAnInsertionForThoseWhoChoose() throws Exception {
        database.execute("INSERT INTO users (id, score) VALUES (1, 1), (2, 2)");
        try (Watching watching = start(
                "watchers=gone,made",
                "watchers.gone.table=users",
                "watchers.gone.events=deleted",
                "watchers.gone.when=OLD.score = 1",
                "watchers.made.table=users",
                "watchers.made.events=inserted",
                "watchers.made.when=NEW.score = 2")) {
            database.execute("UPDATE users SET id = id + 10", "UPDATE users SET id = 1 WHERE id = 11");

            watching.changes(3);
            assertThat(told(watching))
                    .containsExactlyInAnyOrder(
                            "ectowatch.users.deleted {id=1}",
                            "ectowatch.users.inserted {id=12}",
                            "ectowatch.users.deleted {id=11}");
        }
    }

    @Test
    void whereAConditionsRowIsMissingItsColumnsAreNull() throws Exception {
        database.execute("INSERT INTO users (id, email) VALUES (1, 'a')");
        try (Watching watching =
                start("watchers=w", "watchers.w.table=users", "watchers.w.when=OLD.email IS DISTINCT FROM NEW.email")) {
            database.execute(
                    "UPDATE users SET phone = '1'",
                    "INSERT INTO users (id, email) VALUES (2, 'b')",
                    "INSERT INTO users (id) VALUES (3)",
                    "UPDATE users SET email = NULL WHERE id = 1",
                    "DELETE FROM users");

            watching.changes(3);
            assertThat(watching.told())
                    .containsExactly(
                            "public.users inserted [2]", "public.users updated [1]", "public.users deleted [2]");
        }
    }

    /** PL/pgSQL keeps the types that it has met first, and fails for others: a failing condition would tell of all rows. */
    @Test
    void whatIsMissingHasTheTypeOfItsColumn() throws Exception {
        database.execute(
                "CREATE DOMAIN points AS numeric CHECK (VALUE >= 0)",
                "CREATE TABLE games (id int PRIMARY KEY, won points, lost int, at date)");
        try (Watching watching = start(
                "watchers=w",
                "watchers.w.table=games",
                "watchers.w.when=coalesce(OLD.won, 0) + coalesce(OLD.lost, 0) > coalesce(NEW.won, 0) + 5 AND"
                        + " coalesce(NEW.at, OLD.at) IS NULL")) {
            database.execute(
                    "INSERT INTO games VALUES (1, 1, 2)",
                    "UPDATE games SET won = 3",
                    "DELETE FROM games",
                    "UPDATE games SET won = 3",
                    "INSERT INTO games VALUES (1, 9, 2), (2, 9, 2)",
                    "UPDATE games SET won = 0 WHERE id = 1",
                    "DELETE FROM games WHERE id = 2");

            watching.changes(2);
            assertThat(watching.told()).containsExactly("public.games updated [1]", "public.games deleted [2]");
        }
    }

    @Test
    void aConditionMayUseWholeRowsQuotedNamesStringsAndFunctions() throws Exception {
        database.execute(
                "CREATE TABLE odd (id int PRIMARY KEY, \"Odd \"\"N'ame\" text, tags jsonb)",
                "CREATE FUNCTION is_odd(int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 % 2 = 1'");
        try (Watching watching = start(
                "watchers=a,b,c",
                "watchers.a.table=odd",
                "watchers.a.label=whole",
                "watchers.a.when=NEW IS DISTINCT FROM OLD AND NEW.id > 0 OR OLD.id < 0",
                "watchers.b.table=odd",
                "watchers.b.events=inserted",
                "watchers.b.label=names",
                "watchers.b.when=NEW.\"Odd \"\"N'ame\" ~ E'^\\\\w;--\\'$' AND NEW.tags ? 'x' AND $q$)$q$ <> ''",
                "watchers.c.table=odd",
                "watchers.c.events=inserted",
                "watchers.c.label=functions",
                "watchers.c.when=public.is_odd(NEW.id)")) {
            database.execute("INSERT INTO odd VALUES (1, 'a;--''', '{\"x\":1}'), (2, 'b', NULL)");

            watching.changes(2);
            assertThat(told(watching))
                    .containsExactly(
                            "ectowatch.whole {id=1}",
                            "ectowatch.names {id=1}",
                            "ectowatch.functions {id=1}",
                            "ectowatch.whole {id=2}");
        }
    }

    @Test
    void aConditionThatFailsForARowFailsNoStatementAndLosesNothing() throws Exception {
        try (Watching watching =
                start("watchers=w", "watchers.w.table=users", "watchers.w.when=10 / NEW.score > 5 OR OLD.id = -1")) {
            database.execute(
                    "INSERT INTO users (id, score) VALUES (1, 0)",
                    "INSERT INTO users (id, score) VALUES (2, 1), (3, 10), (4, 0)",
                    "UPDATE users SET score = 0 WHERE id = 3");

            watching.changes(4);
            assertThat(watching.told())
                    .containsExactly(
                            "public.users inserted [1]",
                            "public.users inserted [2]",
                            "public.users inserted [4]",
                            "public.users updated [3]");
        }
    }

    @Test
    void aColumnThatAConditionMentionsMayBeRetypedAndDroppedByTheApplication() throws Exception {
        try (Watching watching = start(
                "watchers=w",
                "watchers.w.table=users",
                "watchers.w.events=inserted",
                "watchers.w.when=NEW.phone <> ''")) {
            database.execute("INSERT INTO users (id, phone) VALUES (1, '1')");
            watching.changes(1);
            database.execute(
                    "ALTER TABLE users ALTER phone TYPE varchar(20)",
                    "INSERT INTO users (id, phone) VALUES (2, '2')",
                    "ALTER TABLE users DROP COLUMN phone",
                    "INSERT INTO users (id) VALUES (3)",
                    "DROP TABLE users");
        }
    }

    @Test
    void updatesThatChangeNothingMayBeLeftOut() throws Exception {
        database.execute("INSERT INTO users (id, email, doc) VALUES (1, 'a', '{}')");
        try (Watching watching = start(
                "tables=users",
                "skip.unchanged.updates=true",
                "watchers=all",
                "watchers.all.table=users",
                "watchers.all.label=all",
                "watchers.all.skip.unchanged.updates=false")) {
            database.execute("UPDATE users SET email = email", "UPDATE users SET doc = '{ }'");

            watching.changes(2);
            assertThat(told(watching))
                    .containsExactly("ectowatch.all {id=1}", "ectowatch.users.updated {id=1}", "ectowatch.all {id=1}");
        }
    }

    @Test
    void aColumnThatIsAddedLaterIsNoReasonToLeaveItsUpdatesOut() throws Exception {
        database.execute(
                "CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)",
                "INSERT INTO logs VALUES (1)",
                "INSERT INTO users (id) VALUES (1), (2)");
        try (Watching watching = start("tables=users, logs", "events=updated", "skip.unchanged.updates=true");
                Connection session = database.connect();
                Statement statement = session.createStatement()) {
            statement.execute("UPDATE users SET email = 'a'");
            statement.execute("UPDATE logs SET id = id");
            statement.execute("ALTER TABLE users ADD added json");
            statement.execute("ALTER TABLE logs ADD added json");
            statement.execute("UPDATE users SET email = 'a'");
            statement.execute("UPDATE users SET added = '{}'");
            statement.execute("UPDATE logs SET added = '{}'");
            statement.execute("UPDATE logs SET added = '{}'");
            statement.execute("UPDATE users SET email = 'b' WHERE id = 1");

            watching.changes(6);
            assertThat(watching.told())
                    .containsExactly(
                            "public.users updated [1]",
                            "public.users updated [2]",
                            "public.users updated [1]",
                            "public.users updated [2]",
                            "public.logs updated [1]",
                            "public.users updated [1]");
        }
    }

    @Test
    void whatAnOptionNeedsGoesWithIt() throws Exception {
        start("watchers=w", "watchers.w.table=users", "watchers.w.when=NEW.id > 0 OR OLD.id > 0")
                .close();
        try (Watching watching = start("tables=users")) {
            assertThat(functions()).noneMatch(name -> name.contains("when"));
            database.execute("INSERT INTO users (id) VALUES (1)");
            watching.changes(all -> all.stream().anyMatch(change -> change.values() != null));
        }
    }

    @Test
    void aFunctionOfAConditionThatSomebodyDroppedFailsNoStatementAndIsMadeAnew() throws Exception {
        try (Watching watching = start(
                "watchers=w", "watchers.w.table=users", "watchers.w.events=inserted", "watchers.w.when=NEW.id > 1")) {
            String condition = functions().stream()
                    .filter(name -> name.contains("when"))
                    .findFirst()
                    .orElseThrow();
            database.execute("DROP FUNCTION ectowatch.\"" + condition + "\"(record, record)");
            database.execute("INSERT INTO users (id) VALUES (1), (2)");
            watching.awaitResync();
        }
        try (Watching watching = start(
                "watchers=w", "watchers.w.table=users", "watchers.w.events=inserted", "watchers.w.when=NEW.id > 1")) {
            watching.forget();
            database.execute("INSERT INTO users (id) VALUES (3)");
            watching.changes(all -> all.stream().anyMatch(change -> change.values() != null));
        }
    }

    private List<String> functions() throws Exception {
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "SELECT proname FROM pg_proc WHERE pronamespace = 'ectowatch'::regnamespace")) {
            List<String> names = new ArrayList<>();
            while (row.next()) {
                names.add(row.getString(1));
            }
            return names;
        }
    }
}
