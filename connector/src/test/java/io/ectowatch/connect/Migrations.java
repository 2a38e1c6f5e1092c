package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an application's migrations do to watched tables while the task runs: nothing may be missed in silence, in either
 * delivery.
 */
abstract class Migrations extends EitherDelivery {

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, email text)");
    }

    @Test
    void aKeyThatBecomesALargerTypeIsReadAgainAfterAResync() throws Exception {
        try (Watching watching = start("tables=users")) {
            database.execute("ALTER TABLE users ALTER COLUMN id TYPE bigint", "INSERT INTO users VALUES (3000000000)");
            watching.awaitResync();

            insertUntilTold(watching, 3000000001L);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP TRIGGER \"ectowatch.shop.insert\" ON users",
                "ALTER TABLE users DISABLE TRIGGER USER",
                "BEGIN; DROP TABLE users; CREATE TABLE users (id int PRIMARY KEY, email text); COMMIT",
                "BEGIN; ALTER TABLE users RENAME TO old; CREATE TABLE users (id int PRIMARY KEY, email text); COMMIT"
            })
    void aTriggerThatIsGoneIsNoticedAndMadeAnewAndTheGapAnnounced(String migration) throws Exception {
        try (Watching watching = start("tables=users")) {
            database.execute(migration, "INSERT INTO users VALUES (1)");
            watching.awaitResync();

            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(1);
            assertThat(watching.told()).containsExactly("public.users inserted [2]");
        }
    }

    @Test
    void aTableThatWasReplacedUnderItsNameIsNotReportedAnyMore() throws Exception {
        start("tables=users").close();
        database.execute("ALTER TABLE users RENAME TO old", "CREATE TABLE users (id int PRIMARY KEY, email text)");
        try (Watching watching = start("tables=users")) {
            watching.awaitResync();
            database.execute("INSERT INTO old VALUES (1)", "INSERT INTO users VALUES (2)");
            watching.changes(1);
            assertThat(watching.told()).containsExactly("public.users inserted [2]");
        }
    }

    @Test
    void aTableThatHadToWaitForItsTriggersGetsAResyncOnceItHasThem() throws Exception {
        database.execute("CREATE TABLE accounts (id int PRIMARY KEY)");
        try (Connection longOne = database.connect();
                Statement statement = longOne.createStatement()) {
            longOne.setAutoCommit(false);
            statement.execute("INSERT INTO accounts VALUES (1)");
            try (Watching watching = begin("tables=accounts, users")) {
                // In the order of their names: so accounts has been tried, too.
                insertUntilTold(watching, 1);
                longOne.commit();
                watching.awaitResync();

                database.execute("INSERT INTO accounts VALUES (2)");
                watching.changes(1);
                assertThat(watching.told()).containsExactly("public.accounts inserted [2]");
            }
        }
    }

    /** Until the task has looked at the catalog, changes are not reported as such. */
    private void insertUntilTold(Watching watching, long first) {
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
