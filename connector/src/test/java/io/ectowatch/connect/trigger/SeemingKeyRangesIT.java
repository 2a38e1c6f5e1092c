package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements with many rows whose keys only seem to follow each other, in durable delivery. */
class SeemingKeyRangesIT {

    /** One of a thousand keys and more comes twice, and another not at all: as many as from the first to the last. */
    private static final String DOUBLE =
            "SELECT CASE g WHEN 1500 THEN 1499 ELSE g END AS id FROM generate_series(1, 2000) g";

    @NewDatabase
    private TestDatabase database;

    private Items items;

    @BeforeEach
    void begin() {
        items = new Items(database);
    }

    @Test
    void aMissingKeyIsNotPublished() throws Exception {
        items.execute("CREATE TABLE items (id int PRIMARY KEY, n int)");
        try (Watching watching = items.watch()) {
            items.execute("INSERT INTO items SELECT g FROM generate_series(1, 2500) g WHERE g <> 1700");
            items.execute("UPDATE items SET n = 1");
            watching.changes(4_998);
            assertThat(watching.published())
                    .doesNotHaveDuplicates()
                    .hasSize(4_998)
                    .noneMatch(change -> change.endsWith("[1700]"));
        }
    }

    @Test
    void publishedKeysAreNotRepeatedByALaterRun() throws Exception {
        items.execute("CREATE TABLE items (id int PRIMARY KEY)");
        try (Watching watching = items.watch()) {
            items.execute(
                    "INSERT INTO items SELECT CASE WHEN g <= 1000 THEN 1001 - g ELSE g END FROM generate_series(1, 3000) g",
                    "INSERT INTO items VALUES (9999)");
            watching.changes(all -> watching.published().contains("public.items inserted [9999]"));
            assertThat(watching.published()).hasSize(3_001).doesNotHaveDuplicates();
        }
    }

    @Test
    void nothingIsHiddenByAnUpdateThatClosesAGap() throws Exception {
        items.execute("CREATE TABLE items (id int PRIMARY KEY)");
        try (Watching watching = items.watch()) {
            items.execute("INSERT INTO items SELECT g FROM generate_series(1, 2001) g WHERE g <> 2000");
            watching.changes(2_000);
            watching.forget();
            items.execute("UPDATE items SET id = CASE id WHEN 2001 THEN 2000 ELSE id END");
            watching.changes(2_001);
            List<String> expected = new ArrayList<>(Items.published("updated", 1, 1_999));
            expected.addAll(List.of("public.items deleted [2001]", "public.items inserted [2000]"));
            assertThat(watching.published()).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    /** As where somebody wants the last of equal rows to win. */
    @ParameterizedTest
    @ValueSource(strings = {"DELETE FROM items WHERE id = NEW.id", "UPDATE items SET id = -id WHERE id = NEW.id"})
    void aKeyThatCameTwiceBecauseATriggerMadeRoomIsNotTakenForAnother(String makeRoom) throws Exception {
        items.execute(
                "CREATE TABLE items (id int PRIMARY KEY)",
                "CREATE FUNCTION make_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + makeRoom
                        + "; RETURN NEW; END $$",
                "CREATE TRIGGER make_room BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION make_room()");
        try (Watching watching = items.watch("events=inserted")) {
            items.execute("INSERT INTO items " + DOUBLE);
            watching.changes(all -> all.size() >= (makeRoom.startsWith("UPDATE") ? 2_001 : 2_000));
            assertThat(watching.published().stream().filter(change -> !change.endsWith("[-1499]")))
                    .containsExactlyInAnyOrderElementsOf(doubled("inserted"));
        }
    }

    @Test
    void norOneThatAnotherRowGotInAnUpdate() throws Exception {
        items.execute(
                "CREATE TABLE items (id int PRIMARY KEY, n int)",
                "INSERT INTO items SELECT g FROM generate_series(1, 2000) g",
                """
                CREATE FUNCTION make_room() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    UPDATE items SET id = -NEW.id WHERE id = NEW.id;
                    RETURN NEW;
                END $$""",
                "CREATE TRIGGER make_room BEFORE UPDATE ON items FOR EACH ROW WHEN (OLD.id = 1500 AND NEW.id = 1499)"
                        + " EXECUTE FUNCTION make_room()");
        try (Watching watching = items.watch("events=updated,deleted,inserted")) {
            items.execute("UPDATE items SET n = 1, id = CASE id WHEN 1500 THEN 1499 ELSE id END");
            watching.changes(all -> all.size() >= 2_002);
            assertThat(watching.published()).contains("public.items deleted [1500]", "public.items inserted [-1499]");
            assertThat(watching.published()).doesNotContain("public.items updated [1500]");
        }
    }

    @Test
    void norOneThatADeferrableKeyAllowedForAWhile() throws Exception {
        items.execute("CREATE TABLE items (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, n int)");
        try (Watching watching = items.watch("events=inserted")) {
            items.execute(
                    "BEGIN",
                    "INSERT INTO items " + DOUBLE,
                    "DELETE FROM items WHERE ctid = (SELECT max(ctid) FROM items WHERE id = 1499)",
                    "COMMIT");
            assertDouble(watching, "inserted");
        }
    }

    @Test
    void norOneThatAChildTableHasToo() throws Exception {
        items.execute(
                "CREATE TABLE items (id int PRIMARY KEY)",
                "CREATE TABLE children (PRIMARY KEY (id)) INHERITS (items)",
                "INSERT INTO items SELECT g FROM generate_series(1, 2000) g WHERE g <> 1500",
                "INSERT INTO children VALUES (1499)");
        try (Watching watching = items.watch()) {
            items.execute("DELETE FROM items");
            assertDouble(watching, "deleted");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ADD PRIMARY KEY (other)",
                "ADD PRIMARY KEY (other); CREATE INDEX ON items (id)",
                "ADD PRIMARY KEY (id, other)"
            })
    void norOneWhereSomethingElseHasBecomeTheKey(String key) throws Exception {
        items.execute("CREATE TABLE items (id int PRIMARY KEY, other int GENERATED ALWAYS AS IDENTITY)");
        try (Watching watching = items.watch("table.poll.interval.ms=600000")) {
            try (Connection connection = items.connect();
                    Statement statement = connection.createStatement()) {
                // Unseen by the task, and so by the triggers, until the transaction ends.
                connection.setAutoCommit(false);
                statement.execute("ALTER TABLE items DROP CONSTRAINT items_pkey, " + key);
                statement.execute("INSERT INTO items " + DOUBLE);
                connection.commit();
            }
            watching.changes(all -> all.size() >= 2_000);
            assertThat(watching.published()).doesNotContain("public.items inserted [1500]");
        }
    }

    private static void assertDouble(Watching watching, String event) {
        watching.changes(2_000);
        assertThat(watching.published()).containsExactlyInAnyOrderElementsOf(doubled(event));
    }

    private static List<String> doubled(String event) {
        List<String> published = new ArrayList<>(Items.published(event, 1, 2_000));
        published.set(1_499, "public.items " + event + " [1499]");
        return published;
    }
}
