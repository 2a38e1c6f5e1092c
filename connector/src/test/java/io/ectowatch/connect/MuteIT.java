package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.DdlLog;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions that keep their changes to themselves, where that is allowed. */
class MuteIT {

    private static final String ALLOWED = "mute.allowed=true";
    private static final String EVENTS = "events=inserted,updated,deleted,truncated";

    @NewDatabase
    private TestDatabase database;

    private String writer;

    @BeforeEach
    void tablesAndAWriter() throws Exception {
        writer = database.role("writer");
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY)",
                "CREATE TABLE posts (id int PRIMARY KEY REFERENCES users ON DELETE CASCADE)",
                "CREATE TABLE days (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
                "CREATE TABLE days_2026 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
                "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON users, posts, days, days_2026 TO " + writer);
    }

    @InBothDeliveries
    void aMutedTransactionIsSkippedAndTheSessionIsHeardAgainAfterIt(String delivery) throws Exception {
        try (Watching watching =
                        Watching.start(database, delivery(delivery), "tables=users, posts, days", EVENTS, ALLOWED);
                Connection session = database.connectAs(writer)) {
            write(
                    session,
                    "BEGIN",
                    "SET LOCAL ectowatch.mute = 'on'",
                    "INSERT INTO users VALUES (1), (2), (3)",
                    "INSERT INTO posts VALUES (1)",
                    "UPDATE users SET id = 4 WHERE id = 3",
                    "DELETE FROM users WHERE id = 1",
                    "INSERT INTO days VALUES (1, '2026-05-01')",
                    "INSERT INTO days_2026 VALUES (2, '2026-05-01')",
                    "TRUNCATE posts, days",
                    "COMMIT",
                    "INSERT INTO users VALUES (5)",
                    "INSERT INTO days VALUES (3, '2026-05-01')",
                    "TRUNCATE days");

            watching.changes(3);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [5]",
                            "public.days inserted [3, 2026-05-01]",
                            "public.days truncated");
        }
    }

    @InBothDeliveries
    void whereItIsNotAllowedNobodyCanMuteAnything(String delivery) throws Exception {
        try (Watching watching = Watching.start(database, delivery(delivery), "tables=users", EVENTS);
                Connection session = database.connectAs(writer)) {
            write(session, "BEGIN", "SET LOCAL ectowatch.mute = 'on'", "INSERT INTO users VALUES (1)", "COMMIT");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
        }
    }

    @Test
    void whereItIsNotAllowedTheTriggersHaveNoTraceOfIt() throws Exception {
        Watching.start(database, "tables=users, days", EVENTS).close();
        assertThat(definitions()).contains("ectowatch.shop").doesNotContain("mute");

        Watching.start(database, "tables=users, days", EVENTS, ALLOWED).close();
        assertThat(definitions()).contains("mute");
    }

    @Test
    void whatIsMutedBeforeASavepointIsRolledBackToIsHeardAgain() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users", ALLOWED);
                Connection session = database.connectAs(writer)) {
            write(
                    session,
                    "BEGIN",
                    "SAVEPOINT s",
                    "SET LOCAL ectowatch.mute = 'on'",
                    "INSERT INTO users VALUES (1)",
                    "ROLLBACK TO s",
                    "INSERT INTO users VALUES (2)",
                    "COMMIT");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [2]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "true", "On", ""})
    void onlyTheWordOnMutes(String value) throws Exception {
        try (Watching watching = Watching.start(database, "tables=users", ALLOWED);
                Connection session = database.connectAs(writer)) {
            write(
                    session,
                    "BEGIN",
                    "SET LOCAL ectowatch.mute = '" + value + "'",
                    "INSERT INTO users VALUES (1)",
                    "COMMIT");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
        }
    }

    @Test
    void allowingItMakesTheTriggersAgainAndLeavesTheFunctions() throws Exception {
        Watching.start(database, "tables=users").close();
        DdlLog log = DdlLog.start(database);

        Watching.start(database, "tables=users", ALLOWED).close();
        assertThat(log.take()).hasSize(3).allMatch(command -> command.startsWith("CREATE TRIGGER"));

        Watching.start(database, "tables=users", ALLOWED).close();
        assertThat(log.take()).isEmpty();
    }

    private static String delivery(String mode) {
        return "delivery.mode=" + mode;
    }

    private static void write(Connection session, String... statements) throws Exception {
        try (Statement statement = session.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private String definitions() throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT string_agg(pg_get_triggerdef(t.oid) || pg_get_functiondef(t.tgfoid), '')
                        FROM pg_trigger AS t WHERE NOT t.tgisinternal
                        """)) {
            row.next();
            return row.getString(1);
        }
    }
}
