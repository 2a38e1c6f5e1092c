package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of changes whose watchers ask for more than a table and its events. */
abstract class WatcherOptions {

    TestDatabase database;

    /** {@code notify} or {@code durable}. */
    abstract String delivery();

    Watching start(String... settings) throws Exception {
        String[] all = Arrays.copyOf(settings, settings.length + 1);
        all[settings.length] = "delivery.mode=" + delivery();
        return Watching.start(database, all);
    }

    @BeforeEach
    void aBlog() throws Exception {
        database = TestDatabase.create();
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text, phone text, score numeric, doc json, spot point)",
                "CREATE TABLE comments (id int PRIMARY KEY, post_id int NOT NULL, author int NOT NULL, body text)");
    }

    @AfterEach
    void close() {
        database.close();
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
    void recordsMayBeKeyedByOtherColumnsAndKeepThePrimaryKeyInTheirValues() throws Exception {
        try (Watching watching = start(
                "tables=comments",
                "watchers=posts,authors",
                "watchers.posts.table=comments",
                "watchers.posts.key.columns=post_id",
                "watchers.posts.label=of_post",
                "watchers.posts.extra.columns=body",
                "watchers.authors.table=comments",
                "watchers.authors.key.columns=author, post_id",
                "watchers.authors.topic=by.author")) {
            database.execute("INSERT INTO comments VALUES (1, 7, 3, 'hi')", "DELETE FROM comments");

            watching.changes(2);
            List<SourceRecord> records = records(watching);
            assertThat(told(watching))
                    .containsExactly(
                            "ectowatch.comments.inserted {id=1}",
                            "ectowatch.of_post {post_id=7}",
                            "by.author {author=3,post_id=7}",
                            "ectowatch.comments.deleted {id=1}",
                            "ectowatch.of_post {post_id=7}",
                            "by.author {author=3,post_id=7}");
            assertThat(records).allSatisfy(record -> assertThat(
                            value(record).getStruct("key").getInt32("id"))
                    .isEqualTo(1));
            assertThat(records.get(1).keySchema().name()).isEqualTo("ectowatch.public.comments.post_id.Key");
            assertThat(value(records.get(1)).getStruct("values").getString("body"))
                    .isEqualTo("hi");
        }
    }

    @Test
    void anUpdateThatChangesTheKeyColumnsIsToldUnderBothKeys() throws Exception {
        database.execute("INSERT INTO comments VALUES (1, 7, 3, 'hi'), (2, 7, 3, 'ho')");
        try (Watching watching =
                start("events=updated", "watchers=w", "watchers.w.table=comments", "watchers.w.key.columns=post_id")) {
            database.execute(
                    "UPDATE comments SET post_id = 8, body = 'x' WHERE id = 1", "UPDATE comments SET body = 'y'");

            watching.changes(3);
            assertThat(told(watching))
                    .containsExactlyInAnyOrder(
                            "ectowatch.comments.updated {post_id=7} former",
                            "ectowatch.comments.updated {post_id=8}",
                            "ectowatch.comments.updated {post_id=8}",
                            "ectowatch.comments.updated {post_id=7}");
        }
    }

    @Test
    void aRowTooLargeKeepsTheKeyColumnsAndWhoItIsFor() throws Exception {
        database.execute("INSERT INTO comments VALUES (1, 7, 3, 'hi')");
        try (Watching watching = start(
                "watchers=w,other",
                "watchers.w.table=comments",
                "watchers.w.events=updated",
                "watchers.w.key.columns=post_id",
                "watchers.w.extra.columns=body",
                "watchers.w.old.values=true",
                "watchers.w.include.changed.columns=true",
                "watchers.other.table=comments",
                "watchers.other.label=other",
                "watchers.other.columns=author",
                "watchers.other.events=updated")) {
            database.execute("UPDATE comments SET post_id = 8, body = repeat('x', 600000)");

            watching.changes(1);
            assertThat(told(watching))
                    .containsExactly(
                            "ectowatch.comments.updated {post_id=7} former", "ectowatch.comments.updated {post_id=8}");
            SourceRecord record = records(watching).get(1);
            assertThat(record.headers()
                            .lastWithName("ectowatch.extras.left.out")
                            .value())
                    .isEqualTo(true);
            assertThat(value(record).get("values")).isNull();
            assertThat(value(record).get("old")).isNull();
            assertThat(value(record).get("changed")).isNull();
        }
    }

    @Test
    void aTopicOfItsOwnTakesAllOfAWatchersRecords() throws Exception {
        try (Watching watching = start(
                "watchers=w",
                "watchers.w.table=users",
                "watchers.w.events=inserted,truncated",
                "watchers.w.label=people",
                "watchers.w.topic=crm-people")) {
            database.execute("INSERT INTO users (id) VALUES (1)", "TRUNCATE users");

            watching.changes(2);
            assertThat(told(watching)).containsExactly("crm-people {id=1}", "crm-people null");
            assertThat(value(records(watching).get(0)).getString("label")).isEqualTo("people");
        }
    }

    @Test
    void updatesMayTellWhichColumnsChanged() throws Exception {
        database.execute("INSERT INTO users (id, email) VALUES (1, 'a')");
        try (Watching watching = start("tables=users", "include.changed.columns=true")) {
            database.execute(
                    "UPDATE users SET email = 'b', phone = '1', score = score",
                    "UPDATE users SET email = email",
                    "INSERT INTO users (id) VALUES (2)",
                    "DELETE FROM users WHERE id = 2");

            watching.changes(4);
            assertThat(records(watching))
                    .extracting(record -> value(record).getArray("changed"))
                    .containsExactly(List.of("email", "phone"), List.of(), null, null);
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
    void updatesMayCarryTheExtraColumnsPreviousValues() throws Exception {
        database.execute("INSERT INTO users (id, email, phone) VALUES (1, 'a', '1')");
        try (Watching watching = start(
                "old.values=true",
                "watchers=w,v",
                "watchers.w.table=users",
                "watchers.w.extra.columns=phone,email",
                "watchers.v.table=users",
                "watchers.v.label=v",
                "watchers.v.extra.columns=email",
                "watchers.v.old.values=false")) {
            database.execute("UPDATE users SET email = 'b'", "DELETE FROM users");

            watching.changes(2);
            List<SourceRecord> records = records(watching);
            assertThat(value(records.get(0)).get("values")).hasToString("Struct{phone=1,email=b}");
            assertThat(value(records.get(0)).get("old")).hasToString("Struct{phone=1,email=a}");
            assertThat(records.get(1).valueSchema().field("old")).isNull();
            assertThat(value(records.get(2)).get("values")).hasToString("Struct{phone=1,email=b}");
            assertThat(value(records.get(2)).get("old")).isNull();
        }
    }

    @Test
    void allOptionsWorkTogetherOnPartitionedTables() throws Exception {
        database.execute(
                "CREATE TABLE logs (id int, day int NOT NULL, host text NOT NULL, note text, PRIMARY KEY (id, day))"
                        + " PARTITION BY RANGE (day)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)",
                "INSERT INTO logs VALUES (1, 1, 'a', 'x'), (2, 2, 'a', 'y')");
        try (Watching watching = start(
                "events=updated",
                "watchers=w",
                "watchers.w.table=logs",
                "watchers.w.columns=note",
                "watchers.w.when=NEW.id > 1",
                "watchers.w.key.columns=host",
                "watchers.w.extra.columns=note",
                "watchers.w.old.values=true",
                "watchers.w.include.changed.columns=true")) {
            database.execute(
                    "UPDATE logs SET note = 'z'", "UPDATE logs_1 SET host = 'b'", "UPDATE logs SET note = 'w'");

            watching.changes(2);
            assertThat(told(watching))
                    .containsExactly("ectowatch.logs.updated {host=a}", "ectowatch.logs.updated {host=b}");
            Struct last = value(records(watching).get(1));
            assertThat(last.get("old")).hasToString("Struct{note=z}");
            assertThat(last.getArray("changed")).containsExactly("note");
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

    @Test
    void whatAnUpdateOfKeysIsToldAsIsLinkedByAHeader() throws Exception {
        database.execute("INSERT INTO users (id) VALUES (1), (2), (3)");
        try (Watching watching = start("tables=users")) {
            database.execute(
                    "UPDATE users SET id = 10 WHERE id = 1",
                    "UPDATE users SET id = id + 20 WHERE id < 10",
                    "INSERT INTO users (id) VALUES (4)",
                    "DELETE FROM users WHERE id = 10");

            watching.changes(8);
            List<SourceRecord> records = records(watching);
            List<String> links = records.stream().map(WatcherOptions::link).toList();
            assertThat(links.subList(0, 2)).doesNotContainNull();
            assertThat(new HashSet<>(links.subList(0, 2))).hasSize(1);
            assertThat(links.subList(2, 6)).doesNotContainNull();
            assertThat(new HashSet<>(links.subList(2, 6))).hasSize(1).doesNotContain(links.get(0));
            assertThat(links.get(0)).startsWith(value(records.get(0)).getInt64("txid") + ".");
            assertThat(links.subList(6, 8)).containsOnlyNulls();
            assertThat(told(watching))
                    .containsExactlyInAnyOrder(
                            "ectowatch.users.deleted {id=1}",
                            "ectowatch.users.inserted {id=10}",
                            "ectowatch.users.deleted {id=2}",
                            "ectowatch.users.deleted {id=3}",
                            "ectowatch.users.inserted {id=22}",
                            "ectowatch.users.inserted {id=23}",
                            "ectowatch.users.inserted {id=4}",
                            "ectowatch.users.deleted {id=10}");
        }
    }

    @Test
    void eachRowWithARowTriggerHasALinkOfItsOwn() throws Exception {
        database.execute(
                "CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (100)",
                "INSERT INTO logs VALUES (1), (2)");
        try (Watching watching = start("tables=logs")) {
            database.execute("UPDATE logs SET id = id + 10");

            watching.changes(4);
            Map<String, Set<String>> keys = new TreeMap<>();
            for (SourceRecord record : records(watching)) {
                keys.computeIfAbsent(link(record), any -> new HashSet<>())
                        .add(value(record).getString("event") + record.key());
            }
            assertThat(keys.values())
                    .containsExactlyInAnyOrder(
                            Set.of("deletedStruct{id=1}", "insertedStruct{id=11}"),
                            Set.of("deletedStruct{id=2}", "insertedStruct{id=12}"));
        }
    }

    @Test
    void keysThatChangePlacesInOneStatementAreUpdates() throws Exception {
        database.execute(
                "CREATE TABLE seats (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, guest text)",
                "INSERT INTO seats VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        try (Watching watching = start(
                "watchers=w",
                "watchers.w.table=seats",
                "watchers.w.extra.columns=guest",
                "watchers.w.old.values=true",
                "watchers.w.columns=guest")) {
            database.execute("UPDATE seats SET id = CASE id WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE 3 END");

            watching.changes(2);
            assertThat(records(watching))
                    .extracting(record -> record.key() + " " + value(record).getString("event") + " "
                            + value(record).get("values") + " before "
                            + value(record).get("old") + link(record))
                    .containsExactlyInAnyOrder(
                            "Struct{id=1} updated Struct{guest=b} before Struct{guest=a}null",
                            "Struct{id=2} updated Struct{guest=a} before Struct{guest=b}null");
        }
    }

    private static String link(SourceRecord record) {
        Header header = record.headers().lastWithName("ectowatch.key.change");
        return header == null ? null : (String) header.value();
    }

    /** What waits in the journal, or in the server's queue, was written for the options of its time. */
    @Test
    void optionsMayChangeWhileChangesWait() throws Exception {
        String[] before = {
            "watchers=gone,stays",
            "watchers.gone.table=comments",
            "watchers.gone.label=gone",
            "watchers.gone.columns=author",
            "watchers.stays.table=comments",
            "watchers.stays.columns=body",
            "watchers.stays.key.columns=post_id",
            "watchers.stays.extra.columns=body",
            "watchers.stays.old.values=true"
        };
        String[] after = {
            "watchers=new,stays",
            "watchers.new.table=comments",
            "watchers.new.label=new",
            "watchers.new.events=updated",
            "watchers.new.when=NEW.id = 1",
            "watchers.stays.table=comments",
            "watchers.stays.columns=author",
            "watchers.stays.key.columns=author",
            "watchers.stays.extra.columns=body",
            "watchers.stays.include.changed.columns=true"
        };
        start(before).close();
        database.execute(
                "INSERT INTO comments VALUES (1, 7, 3, 'hi')",
                "UPDATE comments SET body = 'ho', post_id = 8",
                "UPDATE comments SET author = 4");
        try (Watching watching = start(after)) {
            database.execute("UPDATE comments SET author = 5", "UPDATE comments SET body = 'x'");

            watching.changes(all -> told(watching).contains("ectowatch.comments.updated {author=5}"));
            List<String> told = told(watching).stream()
                    .filter(record ->
                            !record.contains("resync") && !record.endsWith("null") && !record.contains(".new"))
                    .toList();
            assertThat(told)
                    .endsWith("ectowatch.comments.updated {author=4} former", "ectowatch.comments.updated {author=5}");
            if (delivery().equals("durable")) {
                // The old rows lack the author, so their records have no key; the second update was for another
                // watcher.
                assertThat(records(watching))
                        .filteredOn(record -> record.key() == null)
                        .extracting(
                                record -> record.topic() + " " + value(record).get("values"))
                        .containsSubsequence(
                                "ectowatch.comments.inserted Struct{body=hi}",
                                "ectowatch.comments.updated Struct{body=ho}");
                assertThat(told(watching)).noneMatch(record -> record.contains("gone"));
            }
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

    /** The records so far, as {@code "topic {key}"}. */
    static List<String> told(Watching watching) {
        return records(watching).stream()
                .map(record -> record.topic() + " "
                        + (record.key() == null
                                ? "null"
                                : record.key().toString().replace("Struct", ""))
                        + (record.headers().lastWithName("ectowatch.former.key") == null ? "" : " former"))
                .toList();
    }

    static List<SourceRecord> records(Watching watching) {
        List<SourceRecord> records = new ArrayList<>();
        for (Change change : watching.received()) {
            new RecordFactory(change.table(), "ectowatch").append(change, Map.of(), Map.of(), records);
        }
        return records;
    }

    static Struct value(SourceRecord record) {
        return (Struct) record.value();
    }
}
