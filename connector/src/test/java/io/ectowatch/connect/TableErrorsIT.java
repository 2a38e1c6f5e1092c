package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of the other tables if one cannot be watched: {@code on.table.error=continue}, the default. */
class TableErrorsIT {

    private static final String OFTEN = "table.poll.interval.ms=1000";

    /** What happens to each table, and what brings it back; all of it at the same time. */
    private static final Map<String, String[]> TROUBLES = Map.of(
            "dropped", new String[] {"DROP TABLE dropped", "CREATE TABLE dropped (id int PRIMARY KEY, email text)"},
            "renamed", new String[] {"ALTER TABLE renamed RENAME TO people", "ALTER TABLE people RENAME TO renamed"},
            "keyless",
                    new String[] {
                        "ALTER TABLE keyless DROP CONSTRAINT keyless_pkey", "ALTER TABLE keyless ADD PRIMARY KEY (id)"
                    },
            "pat", new String[] {"ALTER TABLE pat DROP CONSTRAINT pat_pkey", "ALTER TABLE pat ADD PRIMARY KEY (id)"},
            "narrow", new String[] {"ALTER TABLE narrow DROP email", "ALTER TABLE narrow ADD email text"},
            "retyped",
                    new String[] {
                        "ALTER TABLE retyped ALTER email TYPE int USING 1", "ALTER TABLE retyped ALTER email TYPE text"
                    });

    @NewDatabase
    private TestDatabase database;

    private int next = 100;

    @BeforeEach
    void someTables() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text)", "CREATE TABLE posts (id int PRIMARY KEY)");
    }

    @InBothDeliveries
    void tablesInTroubleStopNoOtherAndGetAResyncWhenTheyComeBack(String delivery) throws Exception {
        List<String> settings = new ArrayList<>(List.of(
                "delivery.mode=" + delivery, "tables=posts", "watchers=" + String.join(",", TROUBLES.keySet()), OFTEN));
        for (String table : TROUBLES.keySet()) {
            database.execute("CREATE TABLE " + table + " (id int PRIMARY KEY, email text)");
            settings.add("watchers." + table + ".table=" + (table.equals("pat") ? "pa*" : table));
            settings.add("watchers." + table + ".extra.columns=email");
            settings.add("watchers." + table + ".when=coalesce(NEW.email, OLD.email) IS DISTINCT FROM 'none'");
        }
        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.start(database, settings.toArray(String[]::new))) {
            assertThat(watching.metrics().watchedTables()).isEqualTo(1 + TROUBLES.size());
            database.execute(each(0));
            watching.changes(all -> watching.metrics().tablesInTrouble() == TROUBLES.size());
            publishesPosts(watching);
            assertThat(watching.metrics().watchedTables()).isEqualTo(1);
            awaitResyncs(watching);
            watching.forget();

            database.execute(each(1));
            watching.changes(all -> watching.metrics().tablesInTrouble() == 0);
            awaitResyncs(watching);
            for (String table : TROUBLES.keySet()) {
                database.execute("INSERT INTO " + table + " (id) VALUES (7)");
                watching.changes(all -> watching.published().stream()
                        .anyMatch(change -> change.startsWith("public." + table + " inserted [7")));
                assertThat(log.text()).containsOnlyOnce("public." + table + " is in trouble");
            }
            assertThat(watching.published()).doesNotContain("public.posts resync");
        }
    }

    private static String[] each(int part) {
        return TROUBLES.values().stream().map(trouble -> trouble[part]).toArray(String[]::new);
    }

    private static void awaitResyncs(Watching watching) {
        watching.changes(all -> TROUBLES.keySet().stream()
                .allMatch(table -> watching.published().contains("public." + table + " resync")));
    }

    /** It is watched for them alone, until the watcher fits again. */
    @InBothDeliveries
    void theOtherWatchersOfATableGoOnWhenOneOfThemPutsItInTrouble(String delivery) throws Exception {
        String[] settings = {
            "delivery.mode=" + delivery,
            "tables=posts",
            "watchers=good, bad",
            "watchers.good.table=users",
            "watchers.good.label=good",
            "watchers.bad.table=users",
            "watchers.bad.label=bad",
            "watchers.bad.events=inserted",
            "watchers.bad.when=NEW.email <> ''",
            OFTEN
        };
        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.start(database, settings)) {
            database.execute("ALTER TABLE users DROP email");
            watching.changes(all -> watching.metrics().tablesInTrouble() == 1);
            assertThat(log.text()).contains("public.users is in trouble", "watchers.bad.when: ");
            assertThat(watching.metrics().watchedTables()).isEqualTo(2);
            watching.awaitInstalled();
            database.execute("INSERT INTO users VALUES (7)");
            watching.changes(all -> EitherDelivery.published(watching).contains("ectowatch.good {id=7}"));
        }
        try (Watching watching = Watching.start(database, settings)) {
            assertThat(watching.metrics().tablesInTrouble()).isEqualTo(1);
            database.execute("INSERT INTO users VALUES (8)", "DELETE FROM users WHERE id = 8");
            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.DELETED));
            assertThat(EitherDelivery.published(watching))
                    .contains("ectowatch.good {id=8}")
                    .doesNotContain("ectowatch.bad {id=8}");
            watching.forget();
            database.execute("ALTER TABLE users ADD email text");
            watching.changes(all -> EitherDelivery.published(watching)
                    .containsAll(List.of("ectowatch.good null", "ectowatch.bad null")));
            assertThat(watching.metrics().tablesInTrouble()).isZero();
            watching.awaitInstalled();
            database.execute("INSERT INTO users VALUES (9, 'x')");
            watching.changes(all -> EitherDelivery.published(watching)
                    .containsAll(List.of("ectowatch.good {id=9}", "ectowatch.bad {id=9}")));
            assertThat(watching.published().stream().filter("public.users resync"::equals))
                    .hasSize(1);
        }
    }

    /** Its triggers work no more, and each statement loses its change. */
    @Test
    void aTableThatLosesEachChangeDoesNotFloodTheOthersWithResyncs() throws Exception {
        int statements = 200;
        try (Watching watching = Watching.start(
                        database,
                        "tables=posts",
                        "watchers=w",
                        "watchers.w.table=users",
                        "watchers.w.extra.columns=email");
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE users DROP email");
            for (int id = 1; id <= statements; id++) {
                statement.execute("INSERT INTO users VALUES (" + id + ")");
                // The task notices each loss by itself: it has read this, which comes after it.
                String next = "public.posts inserted [" + (1_000 + id) + "]";
                statement.execute("INSERT INTO posts VALUES (" + (1_000 + id) + ")");
                watching.changes(all -> watching.published().contains(next));
            }
            publishesPosts(watching);
            // Fifty at once, and some ten in the next minutes; each again when open transactions have ended.
            assertThat(watching.published().stream().filter("public.posts resync"::equals))
                    .hasSizeBetween(1, 150);
        }
    }

    @Test
    void aTableWhoseTriggersAndPrivilegeAreGoneIsInTroubleUntilThePrivilegeIsBack() throws Exception {
        String role = database.role("connector");
        database.execute("CREATE SCHEMA ectowatch AUTHORIZATION " + role, "GRANT TRIGGER ON users, posts TO " + role);
        try (CapturedLog log = new CapturedLog();
                Watching watching =
                        Watching.start(database, "tables=*", "row.triggers=false", "connection.user=" + role, OFTEN)) {
            database.execute("REVOKE TRIGGER ON users FROM " + role, "DROP TRIGGER \"ectowatch.shop.insert\" ON users");
            watching.changes(all -> watching.metrics().tablesInTrouble() == 1);
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

    @InBothDeliveries
    void tablesThatLeaveAPatternGetALastResync(String delivery) throws Exception {
        database.execute(
                "CREATE TABLE user_groups (id int PRIMARY KEY)", "CREATE TABLE user_teams (id int PRIMARY KEY)");
        try (CapturedLog log = new CapturedLog();
                Watching watching =
                        Watching.start(database, "delivery.mode=" + delivery, "tables=user*, posts", OFTEN)) {
            database.execute("DROP TABLE users", "ALTER TABLE user_teams RENAME TO teams");
            watching.changes(all ->
                    watching.published().containsAll(List.of("public.users resync", "public.user_teams resync")));
            publishesPosts(watching);
            watching.changes(all -> watching.metrics().watchedTables() == 2);
            assertThat(log.text())
                    .contains("public.users is not watched any more", "public.user_teams is not watched any more");
            assertThat(watching.metrics().tablesInTrouble()).isZero();
        }
    }

    /**
     * They were dropped while no task was running. What was captured of them before is published nevertheless, if there is
     * a journal.
     */
    @InBothDeliveries
    void aTaskStartsWithoutTablesThatWereDropped(String delivery) throws Exception {
        String[] settings = {
            "delivery.mode=" + delivery,
            "tables=people, user*, posts",
            "watchers=m",
            "watchers.m.table=user*",
            "watchers.m.label=m",
            OFTEN
        };
        List<String> resyncs = List.of("public.users resync", "public.people resync");
        String[] drop = {"DROP TABLE users", "DROP TABLE people"};
        database.execute("CREATE TABLE user_groups (id int PRIMARY KEY)", "CREATE TABLE people (id int PRIMARY KEY)");
        Watching.start(database, settings).close();
        database.execute("INSERT INTO users VALUES (1)", "INSERT INTO people VALUES (1)");
        database.execute(drop);
        try (Watching watching = Watching.start(database, settings)) {
            publishesPosts(watching);
            assertThat(watching.metrics().tablesInTrouble()).isEqualTo(1);
            watching.changes(all -> watching.published().containsAll(resyncs));
            if (delivery.equals("durable")) {
                assertThat(watching.published()).contains("public.users inserted [1]", "public.people inserted [1]");
            }
            watching.forget();
            database.execute(
                    "CREATE TABLE users (id int PRIMARY KEY, email text)", "CREATE TABLE people (id int PRIMARY KEY)");
            watching.changes(all -> watching.published().containsAll(resyncs));
        }
        assertThat(Validation.errors(database, settings)).isEmpty();
        database.execute(drop);
        assertThat(Validation.errors(database, settings)).isEmpty();
        assertThat(Validation.errors(database, "tables=posts, user").get("tables"))
                .contains("Table public.user does not exist.");
    }

    @InBothDeliveries
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
    @InBothDeliveries
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
            watching.changes(all -> watching.metrics().tablesInTrouble() == 0);
            database.execute("INSERT INTO users VALUES (7)");
            watching.changes(all -> watching.published().contains("public.users inserted [7]"));
        }
    }

    @Test
    void ofTwoTablesWithOneTopicTheOneThatWasWatchedFirstGoesOn() throws Exception {
        database.execute("CREATE SCHEMA a");
        try (Watching watching = Watching.start(database, "tables=*.*", "topic.format=${table}.${event}", OFTEN)) {
            database.execute("CREATE TABLE a.posts (id int PRIMARY KEY)");
            watching.changes(all -> watching.metrics().tablesInTrouble() == 1);
            publishesPosts(watching);
            assertThat(watching.metrics().watchedTables()).isEqualTo(2);
            database.execute("DROP TABLE a.posts");
            watching.changes(all -> watching.metrics().tablesInTrouble() == 0);
        }
    }

    /** It is only an error of reading: nothing is lost, and so neither the session ends nor a resync is published. */
    @Test
    void anErrorThatHealsWhileTheCatalogIsReadAgainEndsNothing() throws Exception {
        String role = database.role("connector");
        database.execute("CREATE SCHEMA ectowatch AUTHORIZATION " + role, "GRANT TRIGGER ON users, posts TO " + role);
        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.start(database, "tables=*", "connection.user=" + role, OFTEN)) {
            watching.forget();
            database.execute("REVOKE SELECT ON pg_type FROM PUBLIC");
            await().until(() -> log.text().contains("cannot read the catalog"));
            publishesPosts(watching);
            database.execute(
                    "GRANT SELECT ON pg_type TO PUBLIC",
                    "CREATE TABLE orders (id int PRIMARY KEY)",
                    "GRANT TRIGGER ON orders TO " + role);
            watching.changes(all -> watching.metrics().watchedTables() == 3);
            assertThat(watching.metrics().connects()).isEqualTo(1);
            assertThat(watching.published()).noneMatch(change -> change.contains("posts resync"));
        }
    }

    /** A change that is made now is published, whatever becomes of others. */
    private void publishesPosts(Watching watching) throws SQLException {
        String id = String.valueOf(next++);
        database.execute("INSERT INTO posts VALUES (" + id + ")");
        watching.changes(all -> watching.published().contains("public.posts inserted [" + id + "]"));
    }
}
