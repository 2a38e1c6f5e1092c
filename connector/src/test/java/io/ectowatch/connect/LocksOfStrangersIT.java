package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any role that can connect can take any advisory lock: that of a role without privileges stops nothing. */
class LocksOfStrangersIT {

    private static final String PRESENCE = "hashtextextended('ectowatch.present.ectowatch.shop', 0)";
    private static final String INSTALL = "hashtext('ectowatch.install')";
    private static final String BELL = new ObjectNames("shop", "ectowatch").bellKey();
    private static final List<String> KEYS = List.of(PRESENCE, INSTALL, BELL);

    @NewDatabase
    private TestDatabase database;

    private String stranger;

    @BeforeEach
    void aTableAndAStranger() throws Exception {
        stranger = database.role("stranger");
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    /** The last statement of a task that was refused the bell's lock is its attempt; one that sleeps holds the lock. */
    private void awaitTriedToSleep(Watching watching, String delivery) {
        if (delivery.equals("notify")) {
            return; // It always sleeps until it is notified.
        }
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            watching.poll(); // A task that Connect does not ask does not sleep.
            return database.number("""
                SELECT count(*) FROM pg_stat_activity AS a
                WHERE a.application_name LIKE 'ectowatch shop%' AND a.datname = current_database()
                  AND (a.query LIKE '%pg_try_advisory_lock(%'
                       OR EXISTS (SELECT FROM pg_locks AS l WHERE l.pid = a.pid AND l.locktype = 'advisory'
                                      AND l.mode = 'ExclusiveLock' AND l.granted AND l.objsubid = 2))
                """) > 0;
        });
    }

    static Stream<Arguments> everyLock() {
        return Stream.of("durable", "notify")
                .flatMap(delivery -> Stream.of("pg_advisory_lock", "pg_advisory_lock_shared")
                        .flatMap(lock -> KEYS.stream()
                                .filter(key -> delivery.equals("durable")
                                        || !key.equals(BELL)) // notify delivery has no such lock
                                .map(key -> Arguments.of(delivery, lock, key))));
    }

    @ParameterizedTest
    @MethodSource("everyLock")
    void aLockOfAStrangersStopsNeitherInstallationNorDeliveryNorRemoval(String delivery, String lock, String key)
            throws Exception {
        try (Connection strangers = database.connectAs(stranger)) {
            strangers.createStatement().execute("SELECT " + lock + "(" + key + ")");
            try (Watching watching = Watching.start(database, "tables=users", "delivery.mode=" + delivery)) {
                for (int id = 1; id <= 5; id++) {
                    awaitTriedToSleep(watching, delivery);
                    database.execute("INSERT INTO users VALUES (" + id + ")");
                    watching.changes(id);
                }
                assertThat(watching.published())
                        .endsWith("public.users inserted [5]")
                        .hasSize(5);
            }
            database.awaitNoTask();
            assertThat(database.number("SELECT ectowatch.uninstall('shop')")).isPositive();
        }
    }

    @Test
    void theLogNamesTheStranger() throws Exception {
        try (CapturedLog log = new CapturedLog();
                Connection strangers = database.connectAs(stranger)) {
            for (String key : KEYS) {
                strangers.createStatement().execute("SELECT pg_advisory_lock(" + key + ")");
            }
            strangers.createStatement().execute("SET application_name = 'curious'");
            try (Watching watching = Watching.start(database, "tables=users")) {
                watching.changes(all -> log.text().contains("cannot arm the doorbell"));
            }
            String who = ", role " + stranger + ", application_name 'curious'";
            assertThat(log.text())
                    .containsPattern("holds its presence lock: pid \\d+" + who)
                    .containsPattern("holds the lock for installations: pid \\d+" + who)
                    .containsPattern("because another session holds its lock: pid \\d+" + who);
        }
    }

    /** Of such a role: it owns all that there is to remove. */
    @Test
    void aRemovalThatIsUnderWayIsNamedInTheError() throws Exception {
        Watching.start(database, "tables=users").close();
        database.awaitNoTask();
        try (CapturedLog log = new CapturedLog();
                Connection remover = database.connect()) {
            remover.createStatement().execute("SET application_name = 'removal'");
            remover.createStatement().execute("SELECT pg_advisory_lock(" + PRESENCE + ")");
            assertThatThrownBy(() -> database.execute("SELECT ectowatch.uninstall('shop')"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining(", role postgres, application_name 'removal'");
            try (Watching watching = Watching.begin(database, "tables=users")) {
                watching.changes(all -> log.text().contains("is being removed from the database (pid"));
                assertThat(log.text()).contains(", role postgres, application_name 'removal'");
                remover.createStatement().execute("SELECT pg_advisory_unlock(" + PRESENCE + ")");
                watching.awaitInstalled();
            }
        }
    }
}
