package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.admin.OffsetAlterer;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.install.uninstall.Uninstaller;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

/** When nothing may be removed, and that then nothing is. */
class UninstallRefusedIT extends LeavingConnector {

    @Test
    void aConnectorAtWorkIsNotRemoved() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            assertThatThrownBy(() -> query("SELECT ectowatch.uninstall('shop')"))
                    .hasMessageContaining("connector shop is running (pid ")
                    .hasMessageContaining(", role postgres, application_name 'ectowatch shop listen'")
                    .hasMessageContaining("and would create everything again: stop it first");
            assertThatThrownBy(() -> hasty("tables=users").apply(Map.of()))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(
                            "The offsets of connector shop were not changed, and none of its objects were removed")
                    .hasMessageContaining("is running");

            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
        }
    }

    @Test
    void aTableThatStaysLockedKeepsEverythingAndNobodyWaitsForIt() throws Exception {
        leave(watchingAll("durable"));
        List<String> before = query(OURS);
        try (Connection longOne = database.connect();
                Connection other = database.connect()) {
            longOne.setAutoCommit(false);
            longOne.createStatement().execute("INSERT INTO posts VALUES (1, '2026-05-01')");
            List<String> waits = new ArrayList<>();
            Uninstaller uninstaller = new Uninstaller(new ObjectNames("shop", "ectowatch"), 200, milliseconds -> {
                try {
                    waits.addAll(query("SELECT relation::regclass::text FROM pg_locks WHERE NOT granted"));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                return true;
            });

            assertThat(uninstaller.attempt(other)).get().asString().contains("a transaction holds a lock on the table");
            assertThatThrownBy(() -> hasty(watchingAll("durable")).apply(Map.of()))
                    .hasMessageContaining("none of its objects were removed")
                    .hasMessageContaining("a transaction holds a lock on the table");
            assertThatThrownBy(() -> query("SET lock_timeout = 50; SELECT ectowatch.uninstall('shop')"))
                    .hasMessageContaining("lock timeout");

            assertThat(waits).isEmpty();
            assertThat(query(OURS)).isEqualTo(before);
            longOne.commit();
            assertThat(uninstaller.attempt(other)).isEmpty();
        }
        assertThat(query(OURS)).isEmpty();
    }

    @Test
    void whatDependsOnTheJournalIsNotDroppedInPassing() throws Exception {
        leave(watchingAll("durable"));
        database.execute("CREATE VIEW journal_size AS SELECT count(*) FROM ectowatch.\"shop.journal.0\"");
        List<String> before = query(OURS);

        assertThatThrownBy(() -> alter(watchingAll("durable"), Map.of()))
                .hasMessageContaining("none of its objects were removed")
                .hasMessageContaining("shop.journal.0");

        assertThat(query(OURS)).isEqualTo(before);
    }

    @Test
    void aStartInTheMiddleOfARemovalWaitsForItsEndAndInstallsAgain() throws Exception {
        leave("tables=users");
        try (Connection remover = database.connect()) {
            remover.setAutoCommit(false);
            remover.createStatement().execute("SELECT ectowatch.uninstall('shop')");
            try (Watching watching = Watching.begin(database, "tables=users")) {
                watching.poll();
                remover.commit();
                watching.awaitInstalled();
                database.execute("INSERT INTO users VALUES (1)");
                watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.INSERTED));
                assertThat(watching.published()).containsExactly("public.users inserted [1]");
            }
        }
    }

    @Test
    void aDatabaseThatIsGoneKeepsNoOffsets() throws Exception {
        String[] settings = {"tables=users", "connection.url=" + database.url() + "_gone"};
        assertThat(alter(settings, Map.of())).isTrue();
    }

    @Test
    void aServerThatDoesNotAnswerKeepsThem() {
        assertThatThrownBy(() -> alter(
                        new String[] {"tables=users", "connection.url=jdbc:postgresql://localhost:1/x"}, Map.of()))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("The offsets of connector shop were not changed")
                .hasMessageContaining("connection.url: Cannot connect to PostgreSQL");
    }

    private OffsetAlterer hasty(String... settings) {
        return new OffsetAlterer(Watching.config(database, settings), Duration.ofMillis(1));
    }
}
