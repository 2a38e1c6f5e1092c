package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watched tables that a subscription writes to, from another server. */
@InBothDeliveries
class ReplicatedTablesIT extends EitherDelivery {

    private static final String USERS = "CREATE TABLE users (id int PRIMARY KEY, email text, phone text)";
    private static final String LOGS =
            "CREATE TABLE logs (id int, day int NOT NULL, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)";
    private static final String LOGS_1 = "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)";

    private static OwnServer source;

    @BeforeAll
    static void aServerThatPublishes(@TempDir Path directory) throws Exception {
        source = OwnServer.start(directory.resolve("data"), "wal_level = logical");
    }

    @AfterAll
    static void stopIt() {
        source.close();
    }

    @BeforeEach
    void theSameTablesOnBothSides() throws Exception {
        source.execute(
                "DROP PUBLICATION IF EXISTS published",
                "DROP TABLE IF EXISTS users, logs",
                USERS,
                LOGS,
                LOGS_1,
                "CREATE PUBLICATION published FOR TABLE users, logs");
        database.execute(USERS, LOGS, LOGS_1);
    }

    @AfterEach
    void unsubscribe() throws Exception {
        database.execute("DROP SUBSCRIPTION IF EXISTS " + subscription());
    }

    private String subscription() {
        return "from_" + database.name();
    }

    /** Returns once the initial copy is there, and all later changes come one by one. */
    private void subscribe() throws Exception {
        database.execute("CREATE SUBSCRIPTION " + subscription() + " CONNECTION 'host=127.0.0.1 port=" + source.port()
                + " user=postgres dbname=postgres' PUBLICATION published");
        awaitApplied("SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel");
    }

    @Test
    void whatASubscriptionCopiesAndAppliesIsReportedOnce() throws Exception {
        source.execute("INSERT INTO users VALUES (1), (2)");
        try (Watching watching =
                start("tables=users", "replicated=true", "events=inserted,updated,deleted,truncated")) {
            subscribe();
            source.execute(
                    "INSERT INTO users VALUES (3), (4)",
                    "UPDATE users SET email = 'a' WHERE id < 3",
                    "UPDATE users SET id = 5 WHERE id = 3",
                    "DELETE FROM users WHERE id = 1",
                    "TRUNCATE users",
                    "INSERT INTO users VALUES (6)");

            watching.changes(11);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.users inserted [1]",
                            "public.users inserted [2]",
                            "public.users inserted [3]",
                            "public.users inserted [4]",
                            "public.users updated [1]",
                            "public.users updated [2]",
                            "public.users deleted [3]",
                            "public.users inserted [5]",
                            "public.users deleted [1]",
                            "public.users truncated",
                            "public.users inserted [6]");
        }
    }

    @Test
    void unlessAskedForWhatIsAppliedIsNotReported() throws Exception {
        source.execute("INSERT INTO users VALUES (1)");
        try (Watching watching = start("tables=users", "events=inserted,updated,deleted,truncated")) {
            subscribe();
            source.execute("UPDATE users SET email = 'a'", "TRUNCATE users", "INSERT INTO users VALUES (2)");
            awaitApplied("SELECT count(*) = 1 FROM users WHERE id = 2");
            database.execute("INSERT INTO users VALUES (3)");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [3]");
        }
    }

    @Test
    void allOptionsWorkOnWhatIsApplied() throws Exception {
        try (Watching watching = start(
                "watchers=w,all",
                "watchers.w.table=users",
                "watchers.w.replicated=true",
                "watchers.w.events=inserted,updated",
                "watchers.w.columns=email",
                "watchers.w.when=NEW.id > 1",
                "watchers.w.extra.columns=email",
                "watchers.w.old.values=true",
                "watchers.w.include.changed.columns=true",
                "watchers.all.table=users",
                "watchers.all.label=all",
                "watchers.all.events=updated,deleted",
                "watchers.all.skip.unchanged.updates=true")) {
            subscribe();
            source.execute(
                    "INSERT INTO users VALUES (1, 'a', '1'), (2, 'b', '2')",
                    "UPDATE users SET email = email",
                    "UPDATE users SET phone = '3'",
                    "UPDATE users SET email = 'c', phone = '4'",
                    "DELETE FROM users WHERE id = 2");

            watching.changes(6);
            assertThat(published(watching))
                    .containsExactly(
                            "ectowatch.users.inserted {id=2}",
                            "ectowatch.all {id=1}",
                            "ectowatch.all {id=2}",
                            "ectowatch.all {id=1}",
                            "ectowatch.users.updated {id=2}",
                            "ectowatch.all {id=2}",
                            "ectowatch.all {id=2}");
            Struct update = value(records(watching).get(4));
            assertThat(update.get("values")).hasToString("Struct{email=c}");
            assertThat(update.get("old")).hasToString("Struct{email=b}");
            assertThat(update.getArray("changed")).containsExactly("email", "phone");
        }
    }

    @Test
    void bothKeysOfAnAppliedUpdateOfTheKeyArePublished() throws Exception {
        database.execute("ALTER TABLE users ALTER email SET NOT NULL");
        source.execute("ALTER TABLE users ALTER email SET NOT NULL");
        try (Watching watching =
                start("watchers=w", "watchers.w.table=users", "watchers.w.key.columns=email", "replicated=true")) {
            subscribe();
            source.execute("INSERT INTO users VALUES (1, 'a')", "UPDATE users SET email = 'b'");

            watching.changes(2);
            assertThat(published(watching))
                    .containsExactly(
                            "ectowatch.users.inserted {email=a}",
                            "ectowatch.users.updated {email=a} former",
                            "ectowatch.users.updated {email=b}");
        }
    }

    @Test
    void aTransactionMayStillBeMuted() throws Exception {
        try (Watching watching = start("tables=users", "replicated=true", "mute.allowed=true")) {
            subscribe();
            database.execute(
                    "BEGIN; SET LOCAL ectowatch.mute = 'on'; INSERT INTO users VALUES (1); COMMIT",
                    "BEGIN; SET LOCAL ectowatch.mute = 'on'; SET LOCAL session_replication_role = replica;"
                            + " INSERT INTO users VALUES (2); COMMIT");
            source.execute("INSERT INTO users VALUES (3)");

            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [3]");
        }
    }

    @Test
    void partitionsReportWhatIsAppliedToThemAlsoThoseThatComeLater() throws Exception {
        try (Watching watching = start("tables=logs", "replicated=true")) {
            subscribe();
            String another = "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM (10) TO (20)";
            database.execute(another);
            source.execute(another, "INSERT INTO logs VALUES (1, 1)");
            watching.changes(1);
            database.execute("ALTER SUBSCRIPTION " + subscription() + " REFRESH PUBLICATION");
            source.execute("INSERT INTO logs VALUES (2, 11)", "UPDATE logs SET day = 12 WHERE id = 1");
            database.execute("INSERT INTO logs_2 VALUES (3, 13)");

            // The triggers of the new partition may have had to wait for a lock: then there is a resync, too.
            assertThat(watching.changesOfRows(5))
                    .containsExactlyInAnyOrder(
                            "public.logs inserted [1, 1]",
                            "public.logs inserted [2, 11]",
                            "public.logs deleted [1, 1]",
                            "public.logs inserted [1, 12]",
                            "public.logs inserted [3, 13]");
        }
    }

    private void awaitApplied(String condition) {
        await().until(() -> {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(condition)) {
                row.next();
                return row.getBoolean(1);
            }
        });
    }
}
