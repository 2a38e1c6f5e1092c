package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.testing.WithBothTriggers;
import java.util.List;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a watcher may want to know of a change beyond which row it was, and several wishes at once. */
@WithBothTriggers
class WatcherOptionsIT extends EitherDelivery {

    @BeforeEach
    void aBlog() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text, phone text, score numeric, doc json, spot point)",
                "CREATE TABLE comments (id int PRIMARY KEY, post_id int NOT NULL, author int NOT NULL, body text)");
    }

    @Test
    void updatesCanNameTheChangedColumns() throws Exception {
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
            assertThat(published(watching))
                    .containsExactly("ectowatch.logs.updated {host=a}", "ectowatch.logs.updated {host=b}");
            Struct last = value(records(watching).get(1));
            assertThat(last.get("old")).hasToString("Struct{note=z}");
            assertThat(last.getArray("changed")).containsExactly("note");
        }
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

            watching.changes(all -> published(watching).contains("ectowatch.comments.updated {author=5}"));
            List<String> published = published(watching).stream()
                    .filter(record ->
                            !record.contains("resync") && !record.endsWith("null") && !record.contains(".new"))
                    .toList();
            assertThat(published)
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
                assertThat(published(watching)).noneMatch(record -> record.contains("gone"));
            }
        }
    }
}
