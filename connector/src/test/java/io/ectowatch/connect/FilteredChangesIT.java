package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.testing.WithBothTriggers;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Updates that are published only if they change a column that a watcher names. */
@WithBothTriggers
class FilteredChangesIT extends EitherDelivery {

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
            assertThat(watching.published())
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
            assertThat(watching.published())
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
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.users updated [1000]",
                            "public.users updated [2000]",
                            "public.users updated [3000]");
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
            assertThat(published(watching))
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
            assertThat(watching.published())
                    .containsExactly(
                            "public.users updated [1]",
                            "public.users updated [2]",
                            "public.users updated [1]",
                            "public.users updated [2]",
                            "public.logs updated [1]",
                            "public.users updated [1]");
        }
    }
}
