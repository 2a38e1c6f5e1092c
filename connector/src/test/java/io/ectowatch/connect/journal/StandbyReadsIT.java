package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.wiring.Components;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consumers read the changed rows from a standby that lags, as consuming.md describes it, and as it does not. */
class StandbyReadsIT {

    private static final String ROW = "SELECT n FROM counters WHERE id = 1";

    @TempDir
    Path directory;

    private OwnServer primary;
    private OwnServer standby;
    private String[] settings;

    @BeforeEach
    void aPrimaryAndAStandby() throws Exception {
        primary = OwnServer.start(directory.resolve("primary"), "wal_keep_size = 256MB");
        primary.execute("CREATE TABLE counters (id int PRIMARY KEY, n int)", "INSERT INTO counters VALUES (1, 0)");
        settings = new String[] {
            "connection.url=" + primary.url(), "connection.user=postgres", "tables=counters", "lsn=header,field"
        };
        standby = primary.standby(directory.resolve("standby"));
    }

    @AfterEach
    void stop() {
        primary.close();
        standby.close();
    }

    @Test
    void aConsumerReadsAnOldRowUnlessItWaitsForTheLsn() throws Exception {
        try (Watching watching = watching()) {
            watching.awaitInstalled();
            standby.execute("SELECT pg_wal_replay_pause()");
            await().until(() ->
                    standby.text("SELECT pg_get_wal_replay_pause_state()").equals("paused"));
            primary.execute("UPDATE counters SET n = 1");
            String lsn = lsn(awaitEvent(watching, Event.UPDATED));

            assertThat(standby.text(ROW)).as("read without waiting").isEqualTo("0");
            assertThat(hasReplayed(lsn)).isFalse();
            standby.execute("SELECT pg_wal_replay_resume()");
            awaitReplay(lsn);
            assertThat(standby.text(ROW)).as("read after waiting").isEqualTo("1");
        }
    }

    @Test
    void aConsumerThatWaitsNeverReadsAnOldRowWhateverTheKindOfCommit() throws Exception {
        try (Watching watching = watching();
                Connection connection = primary.connect();
                Statement writer = connection.createStatement()) {
            watching.awaitInstalled();
            for (int n = 1; n <= 30; n++) {
                writer.execute("SET synchronous_commit = " + (n % 3 == 0 ? "off" : "on"));
                writer.execute("UPDATE counters SET n = " + n);
                String lsn = lsn(awaitEvent(watching, Event.UPDATED));
                awaitReplay(lsn);
                assertThat(standby.text(ROW)).as("change %s, LSN %s", n, lsn).isEqualTo(Integer.toString(n));
                watching.forget();
            }
        }
    }

    /** The trigger's own position, which the id shows, is before what the transaction writes later. */
    @Test
    void theLsnIsAfterTheCommitNotWhereTheTriggerWrote() throws Exception {
        try (Watching watching = watching();
                Connection connection = primary.connect();
                Statement writer = connection.createStatement()) {
            watching.awaitInstalled();
            connection.setAutoCommit(false);
            writer.execute("UPDATE counters SET n = 1");
            writer.execute("CREATE TABLE more AS SELECT generate_series(1, 1000) AS n");
            String beforeCommit = value(writer, "SELECT pg_current_wal_insert_lsn()");
            connection.commit();
            Change change = awaitEvent(watching, Event.UPDATED);

            assertThat(primary.text("SELECT '" + lsn(change) + "' > '" + beforeCommit + "'::pg_lsn"))
                    .isEqualTo("t");
            String written = change.id().split("\\.")[1];
            assertThat(primary.text("SELECT '0/0'::pg_lsn + " + written + " < '" + beforeCommit + "'"))
                    .isEqualTo("t");
        }
    }

    @Test
    void whatABackfillHasReadAndAnAnnouncedLossHaveAnLsnToo() throws Exception {
        settings = List.of(settings).toArray(new String[settings.length + 1]);
        settings[settings.length - 1] = "backfill=new";
        try (Watching watching = watching()) {
            watching.awaitInstalled();
            Change read = awaitEvent(watching, Event.READ);
            awaitReplay(lsn(read));
            assertThat(standby.text(ROW)).isEqualTo("0");
            assertThat(lsn(awaitEvent(watching, Event.BACKFILLED))).isNotNull();
            primary.execute("SELECT setval('ectowatch.\"shop.lost\"',"
                    + " (extract(epoch FROM clock_timestamp()) * 1000000)::int8)");
            assertThat(lsn(awaitEvent(watching, Event.RESYNC))).isNotNull();
        }
    }

    private Watching watching() {
        Map<String, ?> fromTheBeginning = null;
        return Watching.begin(fromTheBeginning, settings);
    }

    private static Change awaitEvent(Watching watching, Event event) {
        return watching.changes(all -> all.stream().anyMatch(change -> change.event() == event)).stream()
                .filter(change -> change.event() == event)
                .findFirst()
                .orElseThrow();
    }

    /** The LSN in the header of the change's record, which is also in its value. */
    private String lsn(Change change) {
        ConnectorConfig config = Watching.config(settings);
        List<SourceRecord> records = new ArrayList<>();
        new RecordFactory(change.table(), Components.recordStyle(config)).append(change, Map.of(), Map.of(), records);
        SourceRecord record = records.get(0);
        Object lsn = record.headers().lastWithName("ectowatch.lsn").value();
        assertThat(((Struct) record.value()).get("lsn")).isEqualTo(lsn);
        return (String) lsn;
    }

    private boolean hasReplayed(String lsn) throws SQLException {
        return standby.text("SELECT pg_last_wal_replay_lsn() >= '" + lsn + "'").equals("t");
    }

    private void awaitReplay(String lsn) {
        await().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofMinutes(1)).until(() -> hasReplayed(lsn));
    }

    private static String value(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
