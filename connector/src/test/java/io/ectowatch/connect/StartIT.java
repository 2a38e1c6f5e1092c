package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.FaultyProxy;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.ResultSet;
import java.sql.Statement;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;

/** A task that has started captures every change. What Connect then shows is tested with a real worker. */
class StartIT {

    private static final long START_MS = 10_000;

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)", "CREATE TABLE posts (id int PRIMARY KEY)");
    }

    @InBothDeliveries
    void aRowThatIsInsertedRightAfterTheStartIsPublished(String delivery) throws Exception {
        for (String name : new String[] {"first", "second", "third"}) {
            database.execute("CREATE TABLE " + name + " (id int PRIMARY KEY)");
            try (Watching watching =
                    Watching.begin(database, "name=" + name, "delivery.mode=" + delivery, "tables=" + name)) {
                watching.source().awaitWatching(START_MS);
                database.execute("INSERT INTO " + name + " VALUES (1)");
                watching.changes(1);
                assertThat(watching.published()).containsExactly("public." + name + " inserted [1]");
            }
        }
    }

    @InBothDeliveries
    void aTableThatIsLockedDoesNotStopTheStartAndTheLogNamesTheTableAndWhoHoldsIt(String delivery) throws Exception {
        Statement holding = database.begin("SET LOCAL application_name = 'a long import'");
        holding.execute("LOCK TABLE users IN SHARE MODE");
        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.begin(database, "delivery.mode=" + delivery, "tables=users, posts")) {
            int pid = pid(holding);
            await().untilAsserted(() -> {
                watching.source().awaitWatching(100);
                assertThat(log.text())
                        .contains("starts, but does not capture all changes yet: install triggers on public.users")
                        .contains("(pid " + pid + ", role postgres, application_name 'a long import', since 2");
            });
            database.execute("INSERT INTO posts VALUES (1)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.posts inserted [1]");

            holding.execute("ROLLBACK");
            watching.awaitInstalled();
        }
    }

    @InBothDeliveries
    void aServerThatDoesNotAnswerNeitherStopsNorFailsTheStart(String delivery) throws Exception {
        try (CapturedLog log = new CapturedLog();
                FaultyProxy proxy = new FaultyProxy(database.host(), database.port())) {
            proxy.swallowEverything();
            try (Watching watching = Watching.begin(
                    database,
                    "delivery.mode=" + delivery,
                    "tables=users",
                    "connection.timeout.ms=1000",
                    "connection.url=jdbc:postgresql://localhost:" + proxy.port() + "/" + database.name())) {
                watching.source().awaitWatching(1_500);
                // Whether the first attempt has ended by now depends on the machine.
                assertThat(log.text())
                        .containsPattern("does not capture all changes yet: (the database does not answer"
                                + "|Cannot connect to PostgreSQL: [^.]+\\. Check host and port in connection.url)")
                        .doesNotContain("connections..");
                proxy.heal();
                watching.source().awaitWatching(START_MS);
                database.execute("INSERT INTO users VALUES (1)");
                watching.changes(1);
                assertThat(watching.published()).containsExactly("public.users inserted [1]");
            }
        }
    }

    @InBothDeliveries
    void whatOnlyTheOperatorCanMendFailsTheStart(String delivery) throws Exception {
        String role = database.role("connector");
        database.execute("GRANT CREATE ON DATABASE " + database.name() + " TO " + role);
        try (Watching watching = Watching.begin(
                database,
                "delivery.mode=" + delivery,
                "tables=users",
                "connection.user=" + role,
                "on.table.error=fail")) {
            assertThatThrownBy(() -> watching.source().awaitWatching(START_MS))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("GRANT TRIGGER ON");
        }
    }

    private static int pid(Statement session) throws Exception {
        try (ResultSet row = session.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }
}
