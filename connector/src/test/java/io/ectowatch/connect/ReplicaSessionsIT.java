package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables whose changes count whatever {@code session_replication_role} is, and the triggers that it takes. */
@InBothDeliveries
class ReplicaSessionsIT extends EitherDelivery {

    @BeforeEach
    void twoTables() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text, phone text)",
                "CREATE TABLE logs (id int, day int, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)");
    }

    @Test
    void whatIsDoneOnTheSpotIsReportedOnceInOrdinarySessionsAndInThoseOfAReplica() throws Exception {
        try (Watching watching = start("tables=users", "replicated=true", "events=inserted,updated,deleted,truncated");
                Connection session = database.connect();
                Statement statement = session.createStatement()) {
            for (String role : List.of("origin", "replica", "local")) {
                watching.forget();
                statement.execute("SET session_replication_role = " + role);
                statement.execute("INSERT INTO users VALUES (1), (2)");
                statement.execute("UPDATE users SET email = 'a'");
                statement.execute("UPDATE users SET id = 3 WHERE id = 1");
                statement.execute("DELETE FROM users WHERE id = 2");
                statement.execute("TRUNCATE users");

                watching.changes(8);
                assertThat(watching.published())
                        .as(role)
                        .containsExactlyInAnyOrder(
                                "public.users inserted [1]",
                                "public.users inserted [2]",
                                "public.users updated [1]",
                                "public.users updated [2]",
                                "public.users deleted [1]",
                                "public.users inserted [3]",
                                "public.users deleted [2]",
                                "public.users truncated");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"users (id, email)", "logs (id, day)"})
    void theSettingMayChange(String target) throws Exception {
        String insert = "INSERT INTO " + target + " VALUES ";
        String asReplica = "BEGIN; SET LOCAL session_replication_role = replica; " + insert;
        String tables = "tables=" + target.substring(0, target.indexOf(' '));
        start(tables).close();
        try (Watching watching = start(tables, "replicated=true")) {
            database.execute(asReplica + "(1, 1); COMMIT");
            watching.changes(all -> hasPublished(watching, "inserted [1"));
        }
        try (Watching watching = start(tables)) {
            database.execute(asReplica + "(2, 2); COMMIT", insert + "(3, 3)");
            watching.changes(all -> hasPublished(watching, "inserted [3"));
            assertThat(hasPublished(watching, "inserted [2")).isFalse();
        }
    }

    private static boolean hasPublished(Watching watching, String part) {
        return watching.published().stream().anyMatch(change -> change.contains(part));
    }

    @Test
    void aParentReportsItsOwnRowsAndItsChildrenTheirs() throws Exception {
        database.execute("CREATE TABLE kids (PRIMARY KEY (id)) INHERITS (users)");
        try (Watching watching = start("tables=users, kids", "replicated=true")) {
            database.execute(
                    "INSERT INTO kids VALUES (1)", "INSERT INTO users VALUES (2)", "UPDATE users SET email = 'a'");
            watching.changes(4);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.kids inserted [1]",
                            "public.users inserted [2]",
                            "public.users updated [2]",
                            "public.kids updated [1]");
        }
    }

    @Test
    void eachWatcherOfTheTablePublishesIt() throws Exception {
        try (Watching watching = start(
                "tables=users",
                "watchers=w",
                "watchers.w.table=users",
                "watchers.w.label=w",
                "watchers.w.replicated=true")) {
            database.execute(
                    "BEGIN; SET LOCAL session_replication_role = replica; INSERT INTO users VALUES (1); COMMIT");
            watching.changes(1);
            assertThat(published(watching)).containsExactly("ectowatch.users.inserted {id=1}", "ectowatch.w {id=1}");
        }
    }

    @Test
    void aRoleWithTheRightsOfTheOwnerInstallsThem() throws Exception {
        String owner = database.role("owner");
        String role = database.role("connector");
        database.execute(
                "ALTER TABLE logs OWNER TO " + owner,
                "ALTER TABLE logs_1 OWNER TO " + owner,
                "GRANT " + owner + " TO " + role,
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + role);
        try (Watching watching =
                start("tables=logs", "replicated=true", "events=inserted,truncated", "connection.user=" + role)) {
            database.execute("SET session_replication_role = replica; INSERT INTO logs VALUES (1, 1); TRUNCATE logs");
            watching.changes(2);
            assertThat(watching.published()).containsExactly("public.logs inserted [1, 1]", "public.logs truncated");
        }
    }

    /** A restore with --disable-triggers leaves them like that. */
    @Test
    void triggersThatFireInOrdinarySessionsOnlyAreNoticedAndCreatedAgainAndTheGapAnnounced() throws Exception {
        try (Watching watching = start("tables=users", "replicated=true")) {
            database.execute("ALTER TABLE users DISABLE TRIGGER ALL", "ALTER TABLE users ENABLE TRIGGER ALL");
            watching.awaitResync();
            database.execute(
                    "BEGIN; SET LOCAL session_replication_role = replica; INSERT INTO users VALUES (1); COMMIT");
            assertThat(watching.changesOfRows(1)).containsExactly("public.users inserted [1]");
        }
    }
}
