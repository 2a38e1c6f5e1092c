package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an application's migrations do to watched tables while the task runs: nothing may be missed in silence, in either
 * delivery.
 */
@InBothDeliveries
class MigrationsIT extends EitherDelivery {

    /** Without it, what these tests do is noticed within five seconds. */
    private static final String OFTEN = "table.poll.interval.ms=1000";

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, email text)");
    }

    @Test
    void aKeyThatBecomesALargerTypeIsReadAgainAfterAResync() throws Exception {
        try (Watching watching = start("tables=users", OFTEN)) {
            database.execute("ALTER TABLE users ALTER COLUMN id TYPE bigint", "INSERT INTO users VALUES (3000000000)");
            watching.awaitResync();

            insertUntilPublished(watching, 3000000001L);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DROP TRIGGER \"ectowatch.shop.insert\" ON users | false",
                "DROP TRIGGER \"ectowatch.shop.public.users.insert\" ON users | true",
                "ALTER TABLE users ENABLE REPLICA TRIGGER \"ectowatch.shop.public.users.insert\" | true",
                "ALTER TABLE users DISABLE TRIGGER USER | false",
                "BEGIN; DROP TABLE users; CREATE TABLE users (id int PRIMARY KEY, email text); COMMIT | false",
                "BEGIN; ALTER TABLE users RENAME TO old; CREATE TABLE users (id int PRIMARY KEY, email text); COMMIT | false"
            })
    void aTriggerThatIsGoneIsNoticedAndCreatedAgainAndTheGapAnnounced(String migration, boolean rowTriggers)
            throws Exception {
        try (Watching watching = start("tables=users", "row.triggers=" + rowTriggers, OFTEN)) {
            database.execute(migration, "INSERT INTO users VALUES (1)");
            watching.awaitResync();

            database.execute("INSERT INTO users VALUES (2)");
            assertThat(watching.changesOfRows(1)).containsExactly("public.users inserted [2]");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE logs_1 DISABLE TRIGGER USER",
                "ALTER TABLE logs_1 ENABLE REPLICA TRIGGER \"ectowatch.shop.public.logs.insert\""
            })
    void aTriggerThatIsDisabledOnAPartitionIsNoticedToo(String migration) throws Exception {
        database.execute(
                "CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)");
        try (Watching watching = start("tables=logs", OFTEN)) {
            database.execute(migration, "INSERT INTO logs VALUES (1)");
            watching.awaitResync();

            database.execute("INSERT INTO logs VALUES (2)");
            assertThat(watching.changesOfRows(1)).containsExactly("public.logs inserted [2]");
        }
    }

    /** As often as the task looks by itself. */
    @Test
    void partitionsThatComeAndGoAreNoGap() throws Exception {
        database.execute(
                "CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)");
        try (Watching watching = start("tables=logs, users")) {
            database.execute(
                    "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM (10) TO (20)",
                    "ALTER TABLE logs DETACH PARTITION logs_1",
                    "DROP TABLE logs_1",
                    "ALTER TABLE users DISABLE TRIGGER USER");
            watching.changes(all -> watching.published().contains("public.users resync"));
            assertThat(watching.published()).containsOnly("public.users resync");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE OR REPLACE FUNCTION ectowatch.\"shop.public.users.insert\"() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN RETURN NULL; END'",
                "CREATE OR REPLACE TRIGGER \"ectowatch.shop.insert\" AFTER INSERT ON users REFERENCING NEW TABLE AS"
                        + " new_rows FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION"
                        + " ectowatch.\"shop.public.users.insert\"()",
                "CREATE OR REPLACE TRIGGER \"ectowatch.shop.insert\" AFTER INSERT ON users"
                        + " EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()"
            })
    void whatWasReplacedIsNoticedAndCreatedAgainAndTheGapAnnounced(String replacement) throws Exception {
        try (Watching watching = start("tables=users", OFTEN)) {
            database.execute(replacement);
            watching.awaitResync();

            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(all -> watching.published().contains("public.users inserted [2]"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN; ALTER TABLE users DISABLE TRIGGER USER; INSERT INTO users VALUES (1);"
                        + " ALTER TABLE users ENABLE TRIGGER USER; COMMIT",
                "ALTER TABLE users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (id, email)"
            })
    void whatNeedsNoMendingIsAnnouncedNevertheless(String migration) throws Exception {
        try (Watching watching = start("tables=users", OFTEN)) {
            database.execute(migration);
            watching.awaitResync();
        }
    }

    @Test
    void aTableThatWasReplacedUnderItsNameIsNotReportedAnyMore() throws Exception {
        start("tables=users").close();
        database.execute("ALTER TABLE users RENAME TO old", "CREATE TABLE users (id int PRIMARY KEY, email text)");
        try (Watching watching = start("tables=users", OFTEN)) {
            watching.awaitResync();
            database.execute("INSERT INTO old VALUES (1)", "INSERT INTO users VALUES (2)");
            assertThat(watching.changesOfRows(1)).containsExactly("public.users inserted [2]");
        }
    }

    @Test
    void aTableThatHadToWaitForItsTriggersGetsAResyncOnceItHasThem() throws Exception {
        database.execute("CREATE TABLE accounts (id int PRIMARY KEY)");
        try (Connection longOne = database.connect();
                Statement statement = longOne.createStatement()) {
            longOne.setAutoCommit(false);
            statement.execute("INSERT INTO accounts VALUES (1)");
            try (Watching watching = begin("tables=accounts, users", OFTEN)) {
                // In the order of their names: so accounts has been tried, too.
                insertUntilPublished(watching, 1);
                longOne.commit();
                watching.awaitResync();

                database.execute("INSERT INTO accounts VALUES (2)");
                assertThat(watching.changesOfRows(1)).containsExactly("public.accounts inserted [2]");
            }
        }
    }

    /** Until the task has looked at the catalog, changes are not reported as such. */
    private void insertUntilPublished(Watching watching, long first) {
        long[] next = {first};
        watching.changes(all -> {
            if (all.stream().anyMatch(change -> change.event() == Event.INSERTED)) {
                return true;
            }
            try {
                database.execute("INSERT INTO users VALUES (" + next[0]++ + ")");
            } catch (java.sql.SQLException e) {
                throw new IllegalStateException(e);
            }
            return false;
        });
    }
}
