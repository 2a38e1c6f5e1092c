package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.Watching;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that come, go and become others while the task runs: what it notices within {@code table.poll.interval.ms}. */
@InBothDeliveries
class ChangingTablesIT extends EitherDelivery {

    private static final String OFTEN = "table.poll.interval.ms=1000";

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, email text, phone text)");
    }

    @Test
    void aTableThatAPatternMatchesIsWatchedWithoutARestart() throws Exception {
        try (Watching watching =
                start("tables=user*", "watchers=w", "watchers.w.table=user*", "watchers.w.label=w", OFTEN)) {
            database.execute("CREATE TABLE user_groups (id int PRIMARY KEY)", "INSERT INTO users VALUES (1)");
            insertUntilPublished(watching, "user_groups", 1);
            watching.changes(all -> watching.published().contains("public.user_groups resync"));
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(all -> watching.published().contains("public.users inserted [2]"));

            assertThat(watching.published().stream().filter(change -> change.endsWith("resync")))
                    .containsOnly("public.user_groups resync");
            assertThat(published(watching))
                    .contains("ectowatch.users.inserted {id=1}")
                    .anyMatch(record -> record.startsWith("ectowatch.user_groups.inserted {id="))
                    .anyMatch(record -> record.startsWith("ectowatch.w {id="));
        }
    }

    @Test
    void aTableThatAPatternMatchesNoLongerIsNotReportedAndTheOthersGoOn() throws Exception {
        database.execute("CREATE TABLE user_groups (id int PRIMARY KEY)");
        try (Watching watching = start("tables=user*", OFTEN)) {
            database.execute(
                    "ALTER TABLE user_groups RENAME TO groups", "CREATE TABLE user_teams (id int PRIMARY KEY)");
            insertUntilPublished(watching, "user_teams", 1);
            watching.changes(all -> watching.published().contains("public.user_groups resync")); // its last record
            watching.forget();
            database.execute("INSERT INTO groups VALUES (1)", "INSERT INTO users VALUES (2)");
            watching.changes(all -> watching.published().contains("public.users inserted [2]"));
            assertThat(watching.published()).noneMatch(change -> change.contains("groups"));
        }
    }

    /** With many tables it takes a while; here another session has locked a catalog that only this read needs. */
    @Test
    void changesAreStillPublishedWhileTheCatalogIsRead() throws Exception {
        String waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'pg_inherits'::regclass AND NOT granted";
        try (Watching watching = start("tables=user*", OFTEN)) {
            Statement blocker = database.begin("LOCK TABLE pg_inherits IN ACCESS EXCLUSIVE MODE");
            await().until(() -> database.number(waiting) > 0);

            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");

            assertThat(database.number(waiting)).isPositive();
            blocker.execute("CREATE TABLE user_groups (id int PRIMARY KEY); COMMIT");
            insertUntilPublished(watching, "user_groups", 1);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    DROP TABLE users                       | tables: Table public.users does not exist
                    ALTER TABLE users RENAME TO people     | tables: Table public.users does not exist
                    ALTER TABLE users DROP CONSTRAINT users_pkey | tables: public.users has no primary key
                    ALTER TABLE users RENAME email TO mail | watchers.w.extra.columns: Table public.users has no column email
                    ALTER TABLE users DROP email           | watchers.w.extra.columns: Table public.users has no column email
                    ALTER TABLE users DROP phone           | watchers.w.columns: Table public.users has no column phone
                    ALTER TABLE users ALTER phone TYPE int USING 1 | watchers.w.when: For table public.users PostgreSQL reports
                    """)
    void whatIsGoneForGoodFailsTheTaskIfThatIsAskedForWithAMessageThatSaysWhatToMend(String migration, String message)
            throws Exception {
        try (Watching watching = start(
                "tables=users",
                "watchers=w",
                "watchers.w.table=users",
                "watchers.w.label=w",
                "watchers.w.columns=phone",
                "watchers.w.when=coalesce(NEW.phone, OLD.phone) <> ''",
                "watchers.w.extra.columns=email",
                "on.table.error=fail",
                OFTEN)) {
            database.execute(migration);
            assertThatThrownBy(() -> watching.changes(all -> false))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(message);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whateverBecomesOfATableNoStatementFails(boolean rowTriggers) throws Exception {
        database.execute(
                "CREATE TABLE moods (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who text, felt text, why text)");
        start(
                        "watchers=w",
                        "watchers.w.table=moods",
                        "watchers.w.columns=felt",
                        "watchers.w.when=coalesce(NEW.felt, OLD.felt) IS DISTINCT FROM 'calm'",
                        "watchers.w.extra.columns=who",
                        "watchers.w.row.triggers=" + rowTriggers,
                        "watchers.w.include.changed.columns=true")
                .close(); // the triggers stay, and nobody mends them
        for (String migration : List.of(
                "ADD added json",
                "RENAME who TO whose",
                "ALTER felt TYPE int USING 1",
                "DROP felt",
                "DROP CONSTRAINT moods_pkey",
                "RENAME id TO number",
                "DROP number")) {
            database.execute(
                    "ALTER TABLE moods " + migration,
                    "INSERT INTO moods (why) VALUES ('a')",
                    "INSERT INTO moods (why) VALUES ('b'), ('c')",
                    "UPDATE moods SET why = 'd'",
                    "DELETE FROM moods");
        }
        database.execute(
                "ALTER TABLE moods RENAME TO feelings",
                "INSERT INTO feelings (why) VALUES ('e')",
                "TRUNCATE feelings",
                "DROP TABLE feelings");
    }

    @Test
    void aColumnOfAnotherTypeIsCarriedAsSuch() throws Exception {
        try (Watching watching =
                start("watchers=w", "watchers.w.table=users", "watchers.w.extra.columns=email", OFTEN)) {
            database.execute("ALTER TABLE users ALTER email TYPE bigint USING 5");
            insertUntil(watching, "INSERT INTO users VALUES (%d, 5)", 1, () -> records(watching).stream()
                    .anyMatch(record -> value(record).get("values") != null
                            && value(record).getStruct("values").get("email").equals(5L)));
        }
    }

    @Test
    void aColumnThatIsAddedCanChangeAndIsNamed() throws Exception {
        database.execute("INSERT INTO users VALUES (1)");
        try (Watching watching = start("tables=users", "events=updated", "include.changed.columns=true", OFTEN)) {
            database.execute("ALTER TABLE users ADD added int");
            insertUntil(watching, "UPDATE users SET added = %d", 1, () -> records(watching).stream()
                    .anyMatch(record -> value(record).get("changed") != null
                            && value(record).getArray("changed").equals(List.of("added"))));
        }
    }

    @Test
    void anotherPrimaryKeyIsTheKeyFromThenOn() throws Exception {
        try (Watching watching = start("tables=users", OFTEN)) {
            database.execute("ALTER TABLE users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (email)");
            watching.awaitResync();
            insertUntil(watching, "INSERT INTO users VALUES (%1$d, 'm%1$d')", 1, () -> watching.published().stream()
                    .anyMatch(change -> change.startsWith("public.users inserted [m")));
        }
    }

    private void insertUntilPublished(Watching watching, String table, long first) {
        insertUntil(watching, "INSERT INTO " + table + " VALUES (%d)", first, () -> watching.published().stream()
                .anyMatch(change -> change.startsWith("public." + table + " inserted [")));
    }

    /** Until the task has looked at the catalog, changes are reported as before, or not at all. */
    private void insertUntil(Watching watching, String statement, long first, BooleanSupplier enough) {
        long[] next = {first};
        watching.changes(all -> {
            if (enough.getAsBoolean()) {
                return true;
            }
            try {
                database.execute(statement.formatted(next[0]++));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return false;
        });
    }
}
