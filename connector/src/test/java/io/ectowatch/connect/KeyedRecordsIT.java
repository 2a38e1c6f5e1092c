package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.Watching;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** By what records are keyed, and what becomes of changes that concern the key. */
@InBothDeliveries
class KeyedRecordsIT extends EitherDelivery {

    @BeforeEach
    void aBlog() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text, phone text, score numeric, doc json, spot point)",
                "CREATE TABLE comments (id int PRIMARY KEY, post_id int NOT NULL, author int NOT NULL, body text)");
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
            assertThat(published(watching))
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
    void anUpdateThatChangesTheKeyColumnsIsPublishedUnderBothKeys() throws Exception {
        database.execute("INSERT INTO comments VALUES (1, 7, 3, 'hi'), (2, 7, 3, 'ho')");
        try (Watching watching =
                start("events=updated", "watchers=w", "watchers.w.table=comments", "watchers.w.key.columns=post_id")) {
            database.execute(
                    "UPDATE comments SET post_id = 8, body = 'x' WHERE id = 1", "UPDATE comments SET body = 'y'");

            watching.changes(3);
            assertThat(published(watching))
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
            assertThat(published(watching))
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
            assertThat(published(watching)).containsExactly("crm-people {id=1}", "crm-people null");
            assertThat(value(records(watching).get(0)).getString("label")).isEqualTo("people");
        }
    }

    @Test
    void theRecordsOfAnUpdateOfKeysAreLinkedByAHeader() throws Exception {
        database.execute("INSERT INTO users (id) VALUES (1), (2), (3)");
        try (Watching watching = start("tables=users")) {
            database.execute(
                    "UPDATE users SET id = 10 WHERE id = 1",
                    "UPDATE users SET id = id + 20 WHERE id < 10",
                    "INSERT INTO users (id) VALUES (4)",
                    "DELETE FROM users WHERE id = 10");

            watching.changes(8);
            List<SourceRecord> records = records(watching);
            List<String> links = records.stream().map(KeyedRecordsIT::link).toList();
            assertThat(links.subList(0, 2)).doesNotContainNull();
            assertThat(new HashSet<>(links.subList(0, 2))).hasSize(1);
            assertThat(links.subList(2, 6)).doesNotContainNull();
            assertThat(new HashSet<>(links.subList(2, 6))).hasSize(1).doesNotContain(links.get(0));
            assertThat(links.get(0)).startsWith(value(records.get(0)).getInt64("txid") + ".");
            assertThat(links.subList(6, 8)).containsOnlyNulls();
            assertThat(published(watching))
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
}
