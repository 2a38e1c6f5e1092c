package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the other tables if one cannot be watched: {@code on.table.error=continue}, the default. */
class TableErrorsIT {

    private static final String OFTEN = "table.poll.interval.ms=1000";

    @NewDatabase
    private TestDatabase database;

    private int next = 100;

    @BeforeEach
    void someTables() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text)", "CREATE TABLE posts (id int PRIMARY KEY)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    durable | users | DROP TABLE users | CREATE TABLE users (id int PRIMARY KEY, email text)
                    durable | users | ALTER TABLE users RENAME TO people | ALTER TABLE people RENAME TO users
                    durable | users | ALTER TABLE users DROP CONSTRAINT users_pkey | ALTER TABLE users ADD PRIMARY KEY (id)
                    durable | user* | ALTER TABLE users DROP CONSTRAINT users_pkey | ALTER TABLE users ADD PRIMARY KEY (id)
                    durable | users | ALTER TABLE users DROP email           | ALTER TABLE users ADD email text
                    durable | users | ALTER TABLE users ALTER email TYPE int USING 1 | ALTER TABLE users ALTER email TYPE text
                    notify  | users | DROP TABLE users | CREATE TABLE users (id int PRIMARY KEY, email text)
                    notify  | user* | ALTER TABLE users DROP CONSTRAINT users_pkey | ALTER TABLE users ADD PRIMARY KEY (id)
                    notify  | users | ALTER TABLE users DROP email           | ALTER TABLE users ADD email text
                    """)
    void oneTableInTroubleStopsNoOtherAndGetsAResyncWhenItComesBack(
            String delivery, String pattern, String trouble, String remedy) throws Exception {
        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.start(
                        database,
                        "delivery.mode=" + delivery,
                        "tables=posts",
                        "watchers=w",
                        "watchers.w.table=" + pattern,
                        "watchers.w.extra.columns=email",
                        "watchers.w.when=coalesce(NEW.email, OLD.email) IS DISTINCT FROM 'none'",
                        "table.poll.interval.ms=1000")) {
            assertThat(watching.metrics().watchedTables()).isEqualTo(2);
            database.execute(trouble);
            await().until(() -> polled(watching).metrics().tablesInTrouble() == 1);
            publishesPosts(watching);
            assertThat(watching.metrics().watchedTables()).isEqualTo(1);
            watching.changes(all -> watching.published().contains("public.users resync"));
            watching.forget();

            database.execute(remedy);
            await().until(() -> polled(watching).metrics().tablesInTrouble() == 0);
            watching.changes(all -> watching.published().contains("public.users resync"));
            database.execute("INSERT INTO users (id) VALUES (7)");
            watching.changes(all ->
                    watching.published().stream().anyMatch(change -> change.startsWith("public.users inserted [7")));
            assertThat(log.text().split("public.users is in trouble", -1)).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void aTableWhoseTriggersAndPrivilegeAreGoneIsInTroubleUntilThePrivilegeIsBack(String delivery) throws Exception {
        String role = database.role("connector");
        database.execute("CREATE SCHEMA ectowatch AUTHORIZATION " + role, "GRANT TRIGGER ON users, posts TO " + role);
        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.start(
                        database, "delivery.mode=" + delivery, "tables=*", "connection.user=" + role, OFTEN)) {
            database.execute("REVOKE TRIGGER ON users FROM " + role, "DROP TRIGGER \"ectowatch.shop.insert\" ON users");
            await().until(() -> polled(watching).metrics().tablesInTrouble() == 1);
            assertThat(log.text()).contains("GRANT TRIGGER ON TABLE \"public\".\"users\" TO \"" + role + "\"");
            publishesPosts(watching);
            watching.changes(all -> watching.published().contains("public.users resync"));
            watching.forget();

            database.execute("GRANT TRIGGER ON users TO " + role);
            watching.changes(all -> watching.published().contains("public.users resync"));
            database.execute("INSERT INTO users VALUES (7)");
            watching.changes(all -> watching.published().contains("public.users inserted [7]"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "durable, DROP TABLE users",
        "durable, ALTER TABLE users RENAME TO people",
        "notify, DROP TABLE users",
        "notify, ALTER TABLE users RENAME TO people"
    })
    void aTableThatLeavesAPatternGetsALastResync(String delivery, String change) throws Exception {
        database.execute("CREATE TABLE user_groups (id int PRIMARY KEY)");
        try (CapturedLog log = new CapturedLog();
                Watching watching =
                        Watching.start(database, "delivery.mode=" + delivery, "tables=user*, posts", OFTEN)) {
            database.execute(change);
            watching.changes(all -> watching.published().contains("public.users resync"));
            publishesPosts(watching);
            await().until(() -> polled(watching).metrics().watchedTables() == 2);
            assertThat(log.text()).contains("public.users is not watched any more");
            assertThat(watching.metrics().watchedTables()).isEqualTo(2);
            assertThat(watching.metrics().tablesInTrouble()).isZero();
        }
    }

    /** It was dropped while no task was running: what it wrote to the journal before is published nevertheless. */
    @ParameterizedTest
    @CsvSource({"durable, users", "durable, user*", "notify, users"})
    void aTaskStartsWithoutATableThatWasDropped(String delivery, String pattern) throws Exception {
        String[] settings = {
            "delivery.mode=" + delivery,
            "tables=" + pattern + ", posts",
            "watchers=m",
            "watchers.m.table=user*",
            "watchers.m.label=m",
            "table.poll.interval.ms=1000"
        };
        database.execute("CREATE TABLE user_groups (id int PRIMARY KEY)");
        Watching.start(database, settings).close();
        database.execute("INSERT INTO users VALUES (1)", "DROP TABLE users");
        boolean named = pattern.equals("users");
        try (Watching watching = Watching.start(database, settings)) {
            publishesPosts(watching);
            assertThat(watching.metrics().tablesInTrouble()).isEqualTo(named ? 1 : 0);
            if (delivery.equals("durable")) {
                watching.changes(all -> watching.published().contains("public.users resync"));
                assertThat(watching.published()).contains("public.users inserted [1]");
            }
            watching.forget();
            database.execute("CREATE TABLE users (id int PRIMARY KEY, email text)");
            watching.changes(all -> watching.published().contains("public.users resync"));
        }
        assertThat(Validation.errors(database, settings)).isEmpty();
        database.execute("DROP TABLE users");
        assertThat(Validation.errors(database, settings)).isEmpty();
        assertThat(Validation.errors(database, "tables=posts, user").get("tables"))
                .contains("Table public.user does not exist.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void aTableThatNeverWasIsWatchedOnceItExists(String delivery) throws Exception {
        try (Watching watching = Watching.start(database, "delivery.mode=" + delivery, "tables=posts, orders", OFTEN)) {
            publishesPosts(watching);
            assertThat(watching.metrics().tablesInTrouble()).isEqualTo(1);
            database.execute("CREATE TABLE orders (id int PRIMARY KEY)", "INSERT INTO orders VALUES (1)");
            watching.changes(all -> watching.published().contains("public.orders resync"));
            database.execute("INSERT INTO orders VALUES (2)");
            watching.changes(all -> watching.published().contains("public.orders inserted [2]"));
        }
    }

    /** An event trigger is one of the reasons that no look at the catalog shows. */
    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void aTableOnWhichNoTriggerCanBeMadeStopsNoOther(String delivery) throws Exception {
        database.execute(
                "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN IF EXISTS (SELECT FROM"
                        + " pg_event_trigger_ddl_commands() WHERE object_identity LIKE '%on public.users') THEN RAISE"
                        + " 'no triggers on users, please'; END IF; END$$",
                "CREATE EVENT TRIGGER refusing ON ddl_command_end WHEN TAG IN ('CREATE TRIGGER') EXECUTE FUNCTION"
                        + " refuse()");
        try (CapturedLog log = new CapturedLog();
                Watching watching =
                        Watching.start(database, "delivery.mode=" + delivery, "tables=users, posts", OFTEN)) {
            publishesPosts(watching);
            assertThat(watching.metrics().tablesInTrouble()).isEqualTo(1);
            assertThat(log.text()).contains("waiting to install triggers on public.users: ", "no triggers on users");
            database.execute("DROP EVENT TRIGGER refusing");
            await().until(() -> polled(watching).metrics().tablesInTrouble() == 0);
            database.execute("INSERT INTO users VALUES (7)");
            watching.changes(all -> watching.published().contains("public.users inserted [7]"));
        }
    }

    @Test
    void ofTwoTablesWithOneTopicTheOneThatWasWatchedFirstGoesOn() throws Exception {
        database.execute("CREATE SCHEMA a");
        try (Watching watching = Watching.start(database, "tables=*.*", "topic.format=${table}.${event}", OFTEN)) {
            database.execute("CREATE TABLE a.posts (id int PRIMARY KEY)");
            await().until(() -> polled(watching).metrics().tablesInTrouble() == 1);
            publishesPosts(watching);
            assertThat(watching.metrics().watchedTables()).isEqualTo(2);
            database.execute("DROP TABLE a.posts");
            await().until(() -> polled(watching).metrics().tablesInTrouble() == 0);
        }
    }

    /** It is only an error of reading: nothing is lost, and so neither the session ends nor a resync is published. */
    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void anErrorThatHealsWhileTheCatalogIsReadAgainEndsNothing(String delivery) throws Exception {
        String role = database.role("connector");
        database.execute("CREATE SCHEMA ectowatch AUTHORIZATION " + role, "GRANT TRIGGER ON users, posts TO " + role);
        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.start(
                        database, "delivery.mode=" + delivery, "tables=*", "connection.user=" + role, OFTEN)) {
            watching.forget();
            database.execute("REVOKE SELECT ON pg_type FROM PUBLIC");
            await().until(() -> log.text().contains("cannot read the catalog"));
            publishesPosts(watching);
            database.execute(
                    "GRANT SELECT ON pg_type TO PUBLIC",
                    "CREATE TABLE orders (id int PRIMARY KEY)",
                    "GRANT TRIGGER ON orders TO " + role);
            await().until(() -> polled(watching).metrics().watchedTables() == 3);
            assertThat(watching.metrics().connects()).isEqualTo(1);
            assertThat(watching.published()).noneMatch(change -> change.contains("posts resync"));
        }
    }

    private static Watching polled(Watching watching) throws InterruptedException {
        watching.poll();
        return watching;
    }

    /** A change that is made now is published, whatever becomes of others. */
    private void publishesPosts(Watching watching) throws SQLException {
        String id = String.valueOf(next++);
        database.execute("INSERT INTO posts VALUES (" + id + ")");
        watching.changes(all -> watching.published().contains("public.posts inserted [" + id + "]"));
    }
}
