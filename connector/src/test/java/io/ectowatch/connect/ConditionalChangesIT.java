package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes that are published only if the condition of a watcher holds. */
@InBothDeliveries
class ConditionalChangesIT extends EitherDelivery {

    @BeforeEach
    void aBlog() throws Exception {
        database.execute(
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC", // as from PostgreSQL 15 on
                "CREATE TABLE users (id int PRIMARY KEY, email text, phone text, score numeric, doc json, spot point)",
                "CREATE TABLE comments (id int PRIMARY KEY, post_id int NOT NULL, author int NOT NULL, body text)");
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
            assertThat(published(watching))
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
            assertThat(published(watching))
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
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [2]", "public.users updated [1]", "public.users deleted [2]");
        }
    }

    /** PL/pgSQL keeps the types that it has met first, and fails for others: one that fails publishes all rows. */
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
            assertThat(watching.published()).containsExactly("public.games updated [1]", "public.games deleted [2]");
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
            assertThat(published(watching))
                    .containsExactly(
                            "ectowatch.whole {id=1}",
                            "ectowatch.names {id=1}",
                            "ectowatch.functions {id=1}",
                            "ectowatch.whole {id=2}");
        }
    }

    @Test
    void aConditionMayUseTheTypesAndOperatorsOfExtensions() throws Exception {
        database.execute(
                "CREATE EXTENSION hstore", "CREATE TABLE tagged (id int PRIMARY KEY, tags hstore, many hstore[])");
        try (Watching watching = start(
                "watchers=w",
                "events=inserted",
                "watchers.w.table=tagged",
                "watchers.w.extra.columns=tags",
                "watchers.w.when=NEW.tags OPERATOR(public.@>) 'a=>1' AND NEW.many[1] OPERATOR(public.?) 'b'")) {
            database.execute(
                    "INSERT INTO tagged VALUES (1, 'a=>2', '{b=>1}')",
                    "INSERT INTO tagged VALUES (2, 'a=>1', '{b=>1}'), (3, 'a=>1', '{c=>1}')");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.tagged inserted [2, \"a\"=>\"1\"]");
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
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [1]",
                            "public.users inserted [2]",
                            "public.users inserted [4]",
                            "public.users updated [3]");
        }
    }

    @Test
    void aConditionThatAssertsOrCancelsItselfFailsNoStatementAndLosesNothing() throws Exception {
        database.execute(
                "CREATE FUNCTION asserts(int) RETURNS bool LANGUAGE plpgsql STABLE AS"
                        + " 'BEGIN ASSERT $1 > 5; RETURN true; END'",
                "CREATE FUNCTION cancels(int) RETURNS bool LANGUAGE plpgsql STABLE AS"
                        + " 'BEGIN RAISE EXCEPTION ''no'' USING ERRCODE = ''query_canceled''; END'",
                "CREATE FUNCTION calls(int) RETURNS bool LANGUAGE plpgsql STABLE AS"
                        + " 'BEGIN RETURN public.cancels($1); END'");
        try (Watching watching = start(
                "watchers=a,b,c",
                "events=inserted",
                "watchers.a.table=users",
                "watchers.a.label=asserted",
                "watchers.a.when=public.asserts(NEW.id)",
                "watchers.b.table=users",
                "watchers.b.label=canceled",
                "watchers.b.when=public.cancels(NEW.id)",
                "watchers.c.table=users",
                "watchers.c.label=within",
                "watchers.c.when=public.calls(NEW.id)")) {
            database.execute(
                    "INSERT INTO users (id) VALUES (1)",
                    "SET statement_timeout = '1h'; INSERT INTO users (id) VALUES (2), (3)");

            watching.changes(3);
            assertThat(published(watching))
                    .hasSize(9)
                    .contains("ectowatch.asserted {id=1}", "ectowatch.canceled {id=2}", "ectowatch.within {id=3}");
        }
    }

    @Test
    void aStatementThatIsCanceledWhileItsConditionRunsIsCanceled() throws Exception {
        database.execute(
                "CREATE FUNCTION sleeps(int) RETURNS bool LANGUAGE plpgsql STABLE AS"
                        + " 'BEGIN PERFORM pg_sleep(60); RETURN true; END'",
                "CREATE FUNCTION raises(int) RETURNS bool LANGUAGE plpgsql STABLE AS"
                        + " 'BEGIN RAISE DEBUG ''%'', pg_sleep(60); RETURN true; END'");
        for (String function : List.of("sleeps", "raises")) {
            start(
                            "watchers=w",
                            "events=inserted",
                            "watchers.w.table=users",
                            "watchers.w.when=public." + function + "(NEW.id)")
                    .close();
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET statement_timeout = '300ms'");
                assertThatThrownBy(() -> statement.execute("INSERT INTO users (id) VALUES (1)"))
                        .hasMessageContaining("canceling statement due to statement timeout");

                statement.execute("SET statement_timeout = 0");
                CompletableFuture<Void> insert = CompletableFuture.runAsync(() -> {
                    try {
                        statement.execute("INSERT INTO users (id) VALUES (1)");
                    } catch (SQLException e) {
                        throw new CompletionException(e);
                    }
                });
                await().until(() -> database.number("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE"
                                + " datname = current_database() AND wait_event = 'PgSleep'")
                        == 1);
                assertThatThrownBy(insert::join).hasMessageContaining("canceling statement due to user request");
            }
        }
        assertThat(database.number("SELECT count(*) FROM users")).isZero();
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
    void aFunctionOfAConditionThatSomebodyDroppedFailsNoStatementAndIsCreatedAgain() throws Exception {
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
