package io.ectowatch.connect.journal.offset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.EctoWatchSourceConnector;
import io.ectowatch.connect.journal.JournalSource;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where an operator may have a connector go on, and where not. */
class OffsetValidatorIT {

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    @Test
    void anEarlierOffsetIsAcceptedAndPublishesTheChangesAfterIt() throws Exception {
        Map<String, ?> first;
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute("INSERT INTO users VALUES (1), (2), (3)");
            watching.takeOne();
            first = watching.lastOffset();
            watching.changes(3);
        }
        assertThat(request(first)).isTrue();
        try (Watching watching = Watching.resume(database, first, "tables=users")) {
            watching.changes(2);
            assertThat(watching.published()).containsExactly("public.users inserted [2]", "public.users inserted [3]");
        }
    }

    @Test
    void aTimeGivesWhatTheJournalHasFromThenOn() throws Exception {
        long between;
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute("INSERT INTO users VALUES (1)");
            List<Change> first = watching.changes(1);
            await().until(() -> System.currentTimeMillis() > first.get(0).at());
            between = System.currentTimeMillis();
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(2);
        }
        for (Object time : List.of(between, Instant.ofEpochMilli(between).toString())) {
            Map<String, ?> offset = Map.of("timestamp", time);
            assertThat(request(offset)).isTrue();
            try (Watching watching = Watching.resume(database, offset, "tables=users")) {
                watching.changes(1);
                assertThat(watching.published()).containsExactly("public.users inserted [2]");
            }
        }
    }

    /** A row that has a later time than those after it, as after a clock step. A copy must not end with an old change. */
    @Test
    void aTimeNeverGivesAChangeWithoutTheLaterChangesOfItsRow() throws Exception {
        long now;
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute("INSERT INTO users VALUES (1)");
            for (int table = 0; table < 3; table++) {
                database.execute("UPDATE ectowatch.\"shop.journal." + table + "\" SET at = at + interval '2 hours'");
            }
            database.execute("DELETE FROM users");
            List<Change> changes = watching.changes(2);
            await().until(() -> System.currentTimeMillis() > changes.get(1).at());
            now = System.currentTimeMillis();
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(3);
        }

        try (Watching watching = Watching.resume(database, Map.of("timestamp", now), "tables=users")) {
            watching.changes(all -> watching.published().contains("public.users inserted [2]"));
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [1]", "public.users deleted [1]", "public.users inserted [2]");
        }
    }

    @Test
    void anOffsetCanRequestABackfill() throws Exception {
        database.execute("INSERT INTO users VALUES (1), (2), (3)");
        Map<String, Object> offset;
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute("INSERT INTO users VALUES (4)");
            watching.changes(1);
            offset = new HashMap<>(watching.lastOffset());
        }
        Map<String, Object> alone = Map.of("backfill", "users", "backfill.condition", "id < 3");
        offset.putAll(alone);
        for (Map<String, ?> request : List.of(offset, alone)) {
            assertThat(request(request)).isTrue();
            try (Watching watching = Watching.resume(database, request, "tables=users", "backfill=new")) {
                watching.changes(all -> watching.published().toString().contains("backfilled"));
                assertThat(watching.published())
                        .filteredOn(change -> change.contains(" read "))
                        .containsExactly("public.users read [1]", "public.users read [2]");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nothing      |             | no such table
            pg_class     |             | no such table
            pg_catalog.pg_class |      | does not watch
            ''          |              | at least one table
            public.*     |             | must name each table
            "users       |             | quote
            users        | nobody = 1  | condition
            users        | id = (SELECT 1) | condition
            """)
    void aBackfillThatCannotWorkIsRefused(String table, String condition, String reason) throws Exception {
        Watching.start(database, "tables=users").close();
        Map<String, Object> request = new HashMap<>(Map.of("backfill", table));
        if (condition != null) {
            request.put("backfill.condition", condition);
        }
        assertThatThrownBy(() -> request(request))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("cannot be requested")
                .hasMessageContaining(reason);
    }

    @Test
    void aConditionWithoutATableIsRefused() throws Exception {
        Watching.start(database, "tables=users").close();
        assertThatThrownBy(() -> request(Map.of("timestamp", 1L, "backfill.condition", "id < 3")))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("must name at least one table");
    }

    @Test
    void nullIsAlwaysPossible() {
        assertThat(request(null)).isTrue();
    }

    @Test
    void whatTheJournalHasNoMoreIsRefused() throws Exception {
        Map<String, ?> first;
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute("INSERT INTO users SELECT g FROM generate_series(1, 2) g");
            watching.takeOne();
            first = watching.lastOffset();
            watching.forget();
            await().until(() -> {
                database.execute("INSERT INTO users SELECT 2 * g FROM generate_series(3, 200000) g", "TRUNCATE users");
                watching.changes(199_998);
                watching.forget();
                watching.commit();
                return emptied();
            });
        }
        assertThatThrownBy(() -> request(first))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("emptied beyond this offset");
        assertThatThrownBy(() -> request(Map.of("timestamp", 1_000_000L)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("has no changes of 1970-01-01T00:16:40Z any more");
    }

    /** As in a copy for tests that a dump was restored to: the LSNs of the system that it comes from differ. */
    @Test
    void whatHadBeenEmptiedWhereADumpComesFromRefusesNothing() throws Exception {
        Watching.start(database, "tables=users").close();
        database.execute(
                "INSERT INTO users VALUES (1)",
                "UPDATE ectowatch.\"shop.journal.0\" SET xid = '123456789012', lsn = lsn + 1000000000000000",
                "UPDATE ectowatch.\"shop.owner\" SET emptied_from = '123456789000:123456789000:',"
                        + " emptied_to = '123456789001:123456789001:', emptied_lsn = 'FF/0', emptied_xid = '123456789000',"
                        + " emptied_index = 0");
        Map<String, ?> here;
        try (Watching watching = Watching.start(database, "tables=users")) {
            watching.changes(1);
            here = watching.lastOffset();
        }
        assertThat(request(here)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    history   | other/00000001/5     | belongs to another database, or is from before a failover
                    to        | 1:999999999:         | is in the future
                    to        | rubbish              | This is not an offset of this connector
                    version   | 7                    | it has no number in the field version
                    lsn       |                      | it has no number in the field lsn
                    timestamp | yesterday            | The timestamp yesterday is not valid
                    timestamp | 2999-01-01T00:00:00Z | is in the future
                    """)
    void whatIsNoPlaceInTheJournalIsRefusedWithTheReason(String field, String value, String reason) throws Exception {
        Map<String, Object> offset;
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            offset = new HashMap<>(watching.lastOffset());
        }
        offset.put(field, value);
        assertThatThrownBy(() -> request(offset))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aConnectorThatHasNoJournalYetHasNoPlaceToGoOnFrom() {
        assertThatThrownBy(() -> request(Map.of("timestamp", 1L)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("Connector shop has no journal in this database");
    }

    @Test
    void theOffsetOfAnotherConnectorIsRefused() {
        assertThatThrownBy(() -> connector()
                        .alterOffsets(settings(), Map.of(Map.of("version", 1, "connector", "other"), Map.of("a", 1))))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("The source partition of this connector is");
    }

    @Test
    void notificationsHaveNoOffsets() {
        Map<String, String> settings = settings();
        settings.put("delivery.mode", "notify");
        assertThatThrownBy(() -> connector()
                        .alterOffsets(settings, Map.of(JournalSource.partition("shop"), Map.of("timestamp", 1L))))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("notify");
    }

    private boolean emptied() throws Exception {
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT FROM ectowatch.\"shop.owner\" WHERE emptied_at IS NOT NULL")) {
            return row.next();
        }
    }

    /** With a partition as it comes back from JSON. */
    private boolean request(Map<String, ?> offset) {
        Map<Map<String, ?>, Map<String, ?>> offsets = new HashMap<>();
        offsets.put(Map.of("version", 1, "connector", "shop"), offset);
        return connector().alterOffsets(settings(), offsets);
    }

    private static EctoWatchSourceConnector connector() {
        return new EctoWatchSourceConnector();
    }

    private Map<String, String> settings() {
        return new HashMap<>(Map.of(
                "name",
                "shop",
                "connection.url",
                database.url(),
                "connection.user",
                database.user(),
                "connection.password",
                database.password(),
                "tables",
                "users"));
    }
}
