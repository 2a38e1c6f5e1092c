package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.PerTable;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a transaction says about its changes comes with each of their records. */
@InBothDeliveries
class ContextIT extends EitherDelivery {

    private static final String ALLOWED = "context.allowed=true";
    private static final String ACTOR = "actor=true";
    private static final String EVENTS = "events=inserted,updated,deleted,truncated";
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private String writer;

    @BeforeEach
    void tablesAndAWriterWithoutSpecialPrivileges() throws Exception {
        writer = database.role("writer");
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, name text)",
                "CREATE TABLE posts (id int PRIMARY KEY, author int REFERENCES users ON DELETE CASCADE)",
                "CREATE TABLE days (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
                "CREATE TABLE days_2026 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
                "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON users, posts, days, days_2026 TO " + writer);
    }

    @Test
    void everyRecordOfEveryKindOfStatementHasTheContextOfItsTransaction() throws Exception {
        String text = "{\"request\": \"7\\\\\"}\nä語🙂\u0001 'quoted' {\"from\":1,\"to\":9}";
        try (Watching watching = start("tables=users, posts, days", EVENTS, ALLOWED);
                Connection session = database.connectAs(writer)) {
            write(
                    session,
                    "BEGIN",
                    set("context", text),
                    set("traceparent", TRACE),
                    "INSERT INTO users VALUES (1, 'Ann')",
                    "INSERT INTO users SELECT n, 'bulk' FROM generate_series(2, 2500) AS n",
                    "INSERT INTO users SELECT n * 3 + 5000, 'far apart' FROM generate_series(1, 1500) AS n",
                    "UPDATE users SET name = 'Bob' WHERE id = 1",
                    "UPDATE users SET id = 0 WHERE id = 1",
                    "UPDATE users SET name = 'many' WHERE id <= 3",
                    "INSERT INTO posts VALUES (1, 2), (2, 2)",
                    "DELETE FROM users WHERE id = 2",
                    "WITH gone AS (DELETE FROM users WHERE id = 3 RETURNING id) INSERT INTO users SELECT id, 'again' FROM gone",
                    "INSERT INTO days VALUES (1, '2026-05-01')",
                    "INSERT INTO days_2026 VALUES (2, '2026-05-01')",
                    "TRUNCATE days",
                    "COMMIT",
                    "INSERT INTO users VALUES (-1, 'without')");

            // 4,000 inserted, 1 updated, 2 for the changed key, 3 updated, 2 posts, 3 by the cascade, 2 in the WITH, 3
            // of days
            List<Map<String, String>> headers =
                    records(watching, 4_017).stream().map(ContextIT::headers).toList();

            assertThat(headers).hasSize(4_017);
            assertThat(headers.subList(0, 4_016)).containsOnly(Map.of("ectowatch.context", text, "traceparent", TRACE));
            assertThat(headers.get(4_016)).isEmpty();
        }
    }

    @Test
    void eachStatementHasTheContextOfItsTimeAndARolledBackOneDoesNotStay() throws Exception {
        try (Watching watching = start("tables=users", EVENTS, ALLOWED);
                Connection session = database.connectAs(writer)) {
            write(
                    session,
                    "BEGIN",
                    "INSERT INTO users VALUES (1)",
                    set("context", "first"),
                    "INSERT INTO users VALUES (2)",
                    "SAVEPOINT s",
                    set("context", "rolled back"),
                    "INSERT INTO users VALUES (3)",
                    "ROLLBACK TO s",
                    "INSERT INTO users VALUES (4)",
                    set("context", ""),
                    set("traceparent", TRACE),
                    "INSERT INTO users VALUES (5)",
                    "COMMIT",
                    "INSERT INTO users VALUES (6)",
                    "BEGIN",
                    set("context", "of a transaction that is rolled back"),
                    "ROLLBACK",
                    "INSERT INTO users VALUES (7)");

            assertThat(contexts(watching, 6))
                    .containsExactly("1 null", "2 first", "4 first", "5 null", "6 null", "7 null");
        }
    }

    @Test
    void aFunctionOfTheApplicationHidesNoContextAndMaySetItsOwn() throws Exception {
        database.execute(
                """
                CREATE FUNCTION follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, public AS $$
                BEGIN
                    INSERT INTO posts VALUES (NEW.id, NEW.id);
                    RETURN NULL;
                END $$
                """, "CREATE TRIGGER follow AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION follow()", """
                CREATE FUNCTION rename(who int) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, public SET ectowatch.context = 'of the function' AS $$
                BEGIN
                    UPDATE users SET name = 'renamed' WHERE id = who;
                END $$
                """);
        try (Watching watching = start("tables=users, posts", EVENTS, ALLOWED);
                Connection session = database.connectAs(writer)) {
            write(
                    session,
                    "BEGIN",
                    set("context", "outer"),
                    "INSERT INTO users VALUES (1)",
                    "SELECT rename(1)",
                    "UPDATE users SET name = 'x'",
                    "COMMIT");

            assertThat(records(watching, 4))
                    .extracting(record -> value(record).getString("table") + " "
                            + value(record).getString("event") + " "
                            + headers(record).get("ectowatch.context"))
                    .containsExactlyInAnyOrder(
                            "users inserted outer",
                            "posts inserted outer",
                            "users updated of the function",
                            "users updated outer");
        }
    }

    @Test
    void whatIsTooLongOrMalformedIsLeftOutAndTheWriterNoticesNothing() throws Exception {
        try (Watching watching = start("tables=users", EVENTS, ALLOWED);
                Connection session = database.connectAs(writer)) {
            write(
                    session,
                    "BEGIN",
                    set("context", "x".repeat(4_096)),
                    "INSERT INTO users VALUES (1)",
                    set("context", "ä".repeat(2_048) + "x"),
                    set("traceparent", TRACE),
                    "INSERT INTO users VALUES (2)",
                    set("context", "short"),
                    set("traceparent", TRACE.toUpperCase()),
                    "INSERT INTO users VALUES (3)",
                    set("traceparent", TRACE + "x".repeat(100_000)),
                    "INSERT INTO users VALUES (4), (5)",
                    set("traceparent", "00-" + "ü".repeat(40)),
                    "DELETE FROM users WHERE id = 5",
                    "COMMIT");
            List<SourceRecord> records = records(watching, 6);

            assertThat(leftOut(watching)).isEqualTo(5);
            assertThat(headers(records.get(0))).isEqualTo(Map.of("ectowatch.context", "x".repeat(4_096)));
            assertThat(headers(records.get(1)))
                    .isEqualTo(Map.of("traceparent", TRACE, "ectowatch.context.left.out", "true"));
            assertThat(records.subList(2, 6)).allSatisfy(record -> assertThat(headers(record))
                    .isEqualTo(Map.of("ectowatch.context", "short", "ectowatch.context.left.out", "true")));
        }
    }

    @Test
    void theActorIsTheRoleThatOpenedTheSessionWhateverItHasBecome() throws Exception {
        String other = database.role("other");
        database.execute("GRANT " + other + " TO " + writer, "GRANT INSERT, SELECT ON users TO " + other);
        try (Watching watching = start("tables=users", EVENTS, ACTOR);
                Connection session = database.connectAs(writer)) {
            write(
                    session,
                    set("context", "not allowed"),
                    "SET application_name = 'till \"7\"'",
                    "INSERT INTO users VALUES (1)",
                    "SET ROLE " + other,
                    "SET application_name = ''",
                    "INSERT INTO users VALUES (2), (3)");
            List<SourceRecord> records = records(watching, 3);

            assertThat(headers(records.get(0)))
                    .isEqualTo(Map.of("ectowatch.session.user", writer, "ectowatch.application.name", "till \"7\""));
            assertThat(headers(records.get(1))).isEqualTo(Map.of("ectowatch.session.user", writer));
            assertThat(headers(records.get(2))).isEqualTo(Map.of("ectowatch.session.user", writer));
        }
    }

    /** A notification has 8,000 bytes, a journal row any number. */
    @Test
    void aChangeThatLeavesNoRoomForItInANotificationComesFirst() throws Exception {
        try (Watching watching = start(
                        "watchers=u",
                        "watchers.u.table=users",
                        "watchers.u.events=inserted",
                        "watchers.u.extra.columns=name",
                        ALLOWED);
                Connection session = database.connectAs(writer)) {
            write(
                    session,
                    "BEGIN",
                    set("context", "c".repeat(4_000)),
                    "INSERT INTO users VALUES (1, '" + "x".repeat(7_800) + "')",
                    "INSERT INTO users VALUES (2, '" + "x".repeat(3_000) + "')",
                    "INSERT INTO users SELECT n, repeat('x', 1000) FROM generate_series(3, 30) AS n",
                    "COMMIT");
            List<SourceRecord> records = records(watching, 30);

            assertThat(headers(records.get(0)).keySet())
                    .containsExactly(delivery().equals("notify") ? "ectowatch.context.left.out" : "ectowatch.context");
            assertThat(records).allSatisfy(record -> assertThat(
                            value(record).getStruct("values").getString("name"))
                    .startsWith("xxx"));
            assertThat(records.subList(1, 30))
                    .extracting(ContextIT::headers)
                    .containsOnly(Map.of("ectowatch.context", "c".repeat(4_000)));
        }
    }

    @Test
    void withoutTheSettingNothingIsCaptured() throws Exception {
        try (Watching watching = start("tables=users", EVENTS);
                Connection session = database.connectAs(writer)) {
            write(session, set("context", "x"), set("traceparent", TRACE), "INSERT INTO users VALUES (1)");

            assertThat(headers(records(watching, 1).get(0))).isEmpty();
        }
        assertThat(database.column("SELECT proname FROM pg_proc WHERE prosrc LIKE '%ectowatch.context%'"))
                .isEmpty();
    }

    @Test
    void theDeletionAndTheInsertionOfAChangedKeyHaveIt() throws Exception {
        try (Watching watching = start("tables=users", EVENTS, ALLOWED, ACTOR);
                Connection session = database.connectAs(writer)) {
            write(
                    session,
                    "INSERT INTO users VALUES (1)",
                    "BEGIN",
                    set("context", "c"),
                    "UPDATE users SET id = 2",
                    "COMMIT");

            assertThat(contexts(watching, 3)).containsExactlyInAnyOrder("1 null", "1 c", "2 c");
        }
    }

    /** What the task counts. */
    private static long leftOut(Watching watching) {
        TaskMetrics metrics = new TaskMetrics();
        RecordAssembler assembler = new RecordAssembler(
                new PerTable<>(table -> new RecordFactory(table, "ectowatch"), List::of),
                metrics,
                RecordAssembler.maxBytes(Map.of()),
                table -> {});
        watching.received()
                .forEach(change -> assembler.append(new Delivery(change, Map.of(), Map.of()), new ArrayList<>()));
        return metrics.values(true).get("contexts-left-out-total");
    }

    private List<SourceRecord> records(Watching watching, int count) {
        watching.changesOfRows(count);
        return records(watching).stream()
                .filter(record -> !value(record).getString("event").equals(Event.RESYNC.text()))
                .toList();
    }

    private List<String> contexts(Watching watching, int count) {
        return records(watching, count).stream()
                .map(record -> ((Struct) record.key()).getInt32("id") + " "
                        + headers(record).get("ectowatch.context"))
                .toList();
    }

    private static Map<String, String> headers(SourceRecord record) {
        Map<String, String> headers = new TreeMap<>();
        for (Header header : record.headers()) {
            if (!header.key().equals("ectowatch.key.change")) {
                headers.put(header.key(), header.value().toString());
            }
        }
        return headers;
    }

    /** For the rest of the transaction, or of the statement outside a transaction. */
    private static String set(String setting, String value) {
        return "SET LOCAL ectowatch." + setting + " = '" + value.replace("'", "''") + "'";
    }

    private static void write(Connection session, String... statements) throws SQLException {
        try (Statement statement = session.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
