package io.ectowatch.connect.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.HeaderMode;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.record.RecordStyle;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that a table already has are published on request. */
class BackfillIT {

    private TestDatabase database;

    @BeforeEach
    void aTableWithRows() throws Exception {
        database = TestDatabase.create();
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, country text, score int)",
                "INSERT INTO users SELECT n, CASE WHEN n % 3 = 0 THEN 'PT' ELSE 'DE' END, n FROM generate_series(1, 1000) n");
    }

    @AfterEach
    void close() {
        database.close();
    }

    private String call(String arguments) throws SQLException {
        return text("SELECT ectowatch.backfill(" + arguments + ")");
    }

    private String text(String query) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    static boolean ended(List<Change> all, String id) {
        return all.stream()
                .anyMatch(change ->
                        change.backfill() != null && change.backfill().id().equals(id) && change.event() != Event.READ);
    }

    static List<Object> keys(List<Change> all) {
        List<Object> keys = new ArrayList<>();
        all.stream().filter(change -> change.event() == Event.READ).forEach(change -> keys.add(change.values()[0]));
        return keys;
    }

    @Test
    void aCallPublishesEachRowOnceAndThenTheEnd() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            String id = call("'shop', 'users'");

            List<Change> all = watching.changes(changes -> ended(changes, id));

            assertThat(keys(all))
                    .hasSize(1000)
                    .doesNotHaveDuplicates()
                    .startsWith(1, 2, 3)
                    .endsWith(999, 1000);
            Change end = all.get(all.size() - 1);
            assertThat(end.event()).isEqualTo(Event.BACKFILLED);
            assertThat(end.backfill().count()).isEqualTo(1000);
            assertThat(all.stream().map(Change::id)).doesNotHaveDuplicates();
        }
    }

    @Test
    void aConditionChoosesRows() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            String id = call("'shop', 'users', 'country = ''PT'' AND NEW.score < 10'");

            assertThat(keys(watching.changes(changes -> ended(changes, id)))).containsExactly(3, 6, 9);
        }
    }

    /** Of table, columns and connector: as long as PostgreSQL allows, with characters that need quotes. */
    @Test
    void longOddNamesDoNotMatter() throws Exception {
        String table = odd("Table");
        String key = odd("Key");
        String connector = odd("Shop");
        database.execute(
                "CREATE TABLE " + SqlText.identifier(table) + " (" + SqlText.identifier(key) + " int PRIMARY KEY, "
                        + SqlText.identifier(odd("Note")) + " text)",
                "INSERT INTO " + SqlText.identifier(table) + " SELECT n, 'x' FROM generate_series(1, 10) AS n");
        try (Watching watching = Watching.start(database, "name=" + connector, "tables=public.*")) {
            String id = call(SqlText.literal(connector) + ", " + SqlText.literal(SqlText.identifier(table)) + ", "
                    + SqlText.literal(SqlText.identifier(key) + " > 8"));

            assertThat(keys(watching.changes(changes -> ended(changes, id)))).containsExactly(9, 10);
        }
    }

    private static String odd(String begin) {
        String name = begin + " \"'$%é;(x)";
        return name + "x".repeat(63 - name.getBytes(StandardCharsets.UTF_8).length);
    }

    @Test
    void anEmptyTableGivesOnlyTheEnd() throws Exception {
        database.execute("CREATE TABLE nothing (id int PRIMARY KEY)");
        try (Watching watching = Watching.start(database, "tables=nothing")) {
            String id = call("'shop', 'nothing'");

            assertThat(watching.changes(changes -> ended(changes, id)))
                    .singleElement()
                    .satisfies(change -> assertThat(change.event()).isEqualTo(Event.BACKFILLED));
        }
    }

    @Test
    void whatCannotWorkIsRefusedInTheCall() throws Exception {
        database.execute("CREATE TABLE other (id int PRIMARY KEY)");
        try (Watching watching = Watching.start(database, "tables=users")) {
            assertThatThrownBy(() -> call("'shop', 'other'"))
                    .hasMessageContaining("Connector shop does not watch table public.other")
                    .hasMessageContaining("Add the table");
            assertThatThrownBy(() -> call("'stop', 'users'")).hasMessageContaining("has no connector 'stop'");
            for (String condition : List.of(
                    "nobody = 1",
                    "score + country",
                    "score = (SELECT 1)",
                    "pg_sleep(1) IS NULL",
                    "score::other = 1",
                    "score = 1; DROP TABLE users",
                    "score = 1 -- comment",
                    "country = E'x'",
                    "x 'y' = 1",
                    "lower(5) 'x' = 1",
                    "public.evil(score)",
                    "")) {
                assertThatThrownBy(() -> call("'shop', 'users', '" + condition.replace("'", "''") + "'"))
                        .as(condition)
                        .hasMessageContaining("condition");
            }
            assertThat(watching.received()).isEmpty();
        }
    }

    @Test
    void recordsFollowTheSettingsOfEachWatcher() throws Exception {
        database.execute("DELETE FROM users WHERE id > 6", "ALTER TABLE users ALTER score SET NOT NULL");
        try (Watching watching = Watching.start(
                database,
                "watchers=every,pt",
                "watchers.every.table=users",
                "watchers.every.events=updated",
                "watchers.every.columns=score",
                "watchers.pt.table=users",
                "watchers.pt.events=inserted",
                "watchers.pt.when=NEW.country = 'PT'",
                "watchers.pt.extra.columns=country",
                "watchers.pt.key.columns=score",
                "watchers.pt.label=portuguese")) {
            String id = call("'shop', 'users', 'id > 1'");
            List<SourceRecord> records = new ArrayList<>();
            for (Change change : watching.changes(changes -> ended(changes, id))) {
                new RecordFactory(change.table(), new RecordStyle("ectowatch", "shop", HeaderMode.BASIC, false))
                        .append(change, Map.of(), Map.of(), records);
            }

            assertThat(records.stream()
                            .map(one -> one.topic() + " " + one.key() + " "
                                    + one.headers()
                                            .lastWithName("ectowatch.event")
                                            .value()))
                    .containsExactly(
                            "ectowatch.users.read Struct{id=2} read",
                            "ectowatch.users.read Struct{id=3} read",
                            "ectowatch.portuguese Struct{score=3} read",
                            "ectowatch.users.read Struct{id=4} read",
                            "ectowatch.users.read Struct{id=5} read",
                            "ectowatch.users.read Struct{id=6} read",
                            "ectowatch.portuguese Struct{score=6} read",
                            "ectowatch.users.backfilled null backfilled",
                            "ectowatch.portuguese null backfilled");
            assertThat(records).allSatisfy(one -> assertThat(
                            one.headers().lastWithName("ectowatch.backfill").value())
                    .isEqualTo(id));
            assertThat(((Struct) records.get(2).value()).getStruct("values").get("country"))
                    .isEqualTo("PT");
            assertThat(records.get(7)
                            .headers()
                            .lastWithName("ectowatch.backfill.count")
                            .value())
                    .isEqualTo("5");
        }
    }

    @Test
    void aTableThatIsAddedLaterIsReadOnceIfTheSettingSaysSo() throws Exception {
        String[] settings = {"tables=public.*", "backfill=new", "table.poll.interval.ms=1000"};
        try (Watching watching = Watching.start(database, settings)) {
            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.BACKFILLED));
            assertThat(keys(watching.received())).hasSize(1000);
            watching.forget();

            database.execute("CREATE TABLE added (id int PRIMARY KEY)", "INSERT INTO added VALUES (1), (2)");

            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.BACKFILLED));
            assertThat(keys(watching.received())).containsExactly(1, 2);
        }
    }

    @Test
    void aResyncInThePlaceOfAChangeIsFollowedByABackfill() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users", "backfill=resync")) {
            database.execute("UPDATE users SET score = 0 WHERE id = 1");
            Change change = watching.takeOne();
            watching.source().resyncPublished(change.table());
            watching.source().resyncPublished(change.table());

            List<Change> all =
                    watching.changes(changes -> changes.stream().anyMatch(one -> one.event() == Event.BACKFILLED));
            assertThat(keys(all)).hasSize(1000);
        }
    }

    /** As when the record of the change would be too large: the task's thread publishes the resync. */
    @Test
    void aBackfillThatFollowsSuchAResyncSurvivesTheTask() throws Exception {
        Map<String, ?> offset;
        String[] settings = {"tables=users", "backfill=resync"};
        try (Watching watching = Watching.start(database, settings)) {
            database.execute("UPDATE users SET score = 0 WHERE id = 1");
            Delivery resync = takeAsResync(watching);
            // Connect commits this offset, and the task dies.
            offset = new HashMap<>(resync.offset());
        }

        try (Watching watching = Watching.resume(database, offset, settings)) {
            List<Change> all =
                    watching.changes(changes -> changes.stream().anyMatch(one -> one.event() == Event.BACKFILLED));
            assertThat(keys(all)).hasSize(1000);
        }
    }

    /** What was read before the resync was published does not know of the request; it is added until then. */
    @Test
    void theOffsetsOfWhatWasReadBeforeSuchAResyncHaveItsBackfill() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users", "backfill=resync")) {
            database.execute("UPDATE users SET score = 0 WHERE id <= 3");
            Delivery first = takeAsResync(watching);
            Map<String, ?> before = new HashMap<>(first.offset());
            Delivery second = take(watching);
            watching.source().handedOver(1);

            assertThat(second.change().event()).isEqualTo(Event.UPDATED);
            assertThat(second.offset().get("backfills")).isNotNull().isEqualTo(before.get("backfills"));
            List<Change> all =
                    watching.changes(changes -> changes.stream().anyMatch(one -> one.event() == Event.BACKFILLED));
            assertThat(keys(all)).hasSize(1000);
            assertThat(watching.lastOffset().containsKey("backfills")).isFalse();
        }
    }

    private static Delivery take(Watching watching) throws InterruptedException {
        List<Delivery> taken = new ArrayList<>();
        await().pollInSameThread()
                .pollDelay(Duration.ZERO)
                .atMost(Duration.ofSeconds(60))
                .until(() -> {
                    taken.addAll(watching.source().poll(1, 50));
                    return !taken.isEmpty();
                });
        return taken.get(0);
    }

    private static Delivery takeAsResync(Watching watching) throws InterruptedException {
        Delivery taken = take(watching);
        watching.source().resyncPublished(taken.change().table());
        watching.source().handedOver(1);
        return taken;
    }

    @Test
    void aStoppedBackfillSaysSo() throws Exception {
        database.execute("INSERT INTO users SELECT n, 'DE', n FROM generate_series(1001, 100000) n");
        try (Watching watching = Watching.start(database, "tables=users")) {
            String id;
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                try (ResultSet row = statement.executeQuery("SELECT ectowatch.backfill('shop', 'users')")) {
                    row.next();
                    id = row.getString(1);
                }
                statement.execute("SELECT ectowatch.backfill_stop('shop', '" + id + "')");
                connection.commit();
            }

            List<Change> all = watching.changes(changes -> ended(changes, id));

            Change end = all.get(all.size() - 1);
            assertThat(end.event()).isEqualTo(Event.BACKFILL_STOPPED);
            assertThat(end.backfill().reason()).contains("stopped by a call");
        }
    }

    @Test
    void everyoneElseMayNotCall() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            assertThat(text("SELECT string_agg(p.proname, ',' ORDER BY p.proname) FROM pg_proc p,"
                            + " aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
                            + " WHERE p.proname LIKE 'backfill%' AND a.grantee <> p.proowner"))
                    .isNull();
            assertThat(watching.received()).isEmpty();
        }
    }
}
