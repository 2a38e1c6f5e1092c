package io.ectowatch.connect.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Version;
import io.ectowatch.connect.install.objects.TriggerState;
import io.ectowatch.connect.install.plan.Installer;
import io.ectowatch.connect.install.plan.Step;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.DdlLog;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is created, left alone and removed in the database. */
class InstallIT {

    private static final String TRIGGERS =
            "SELECT tgrelid::regclass || ' ' || tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1";
    private static final String FUNCTIONS = "SELECT proname FROM pg_proc WHERE pronamespace = 'ectowatch'::regnamespace"
            + " AND prorettype = 'trigger'::regtype ORDER BY 1";

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void twoTables() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text)",
                "CREATE TABLE posts (id int PRIMARY KEY, title text)");
    }

    @Test
    void aRestartWithAnUnchangedConfigurationRunsNoDdl() throws Exception {
        String[] settings = {"tables=users, posts", "events=inserted,updated,deleted,truncated"};
        Watching.start(database, settings).close();
        DdlLog log = DdlLog.start(database);

        Watching.start(database, settings).close();

        assertThat(log.take()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"apply", "verify"})
    void anUpgradeThatChangesNoSqlRunsNoDdl(String mode) throws Exception {
        String[] settings = {
            "tables=posts",
            "watchers=w",
            "watchers.w.table=users",
            "watchers.w.events=inserted",
            "watchers.w.when=NEW.id > 0"
        };
        Watching.start(database, settings).close();
        String version = "\"version\":\"" + Version.current() + "\"";
        assertThat(database.column("SELECT description FROM pg_description WHERE description LIKE '{\"ectowatch%'"))
                .hasSizeGreaterThan(10)
                .allMatch(comment -> comment.contains(version));
        database.execute("UPDATE pg_description SET description = replace(description, '" + version
                + "', '\"version\":\"0.0.1\"') WHERE description LIKE '{\"ectowatch%'");
        DdlLog log = DdlLog.start(database);

        String[] same = Arrays.copyOf(settings, settings.length + 1);
        same[settings.length] = "install.mode=" + mode;
        Watching.start(database, same).close();

        assertThat(log.take()).isEmpty();
    }

    @Test
    void aChangedConfigurationReplacesOnlyWhatDiffers() throws Exception {
        Watching.start(database, "tables=posts", "watchers=u", "watchers.u.table=users")
                .close();
        DdlLog log = DdlLog.start(database);

        Watching.start(
                        database,
                        "tables=posts",
                        "watchers=u",
                        "watchers.u.table=users",
                        "watchers.u.extra.columns=email")
                .close();

        assertThat(log.take())
                .isNotEmpty()
                .allMatch(command -> command.startsWith("CREATE FUNCTION")
                        || command.startsWith("COMMENT")
                        || command.startsWith("REVOKE"))
                .noneMatch(command -> command.contains("posts"));
    }

    @Test
    void anEventTakenAwayTakesItsTriggerAway() throws Exception {
        Watching.start(database, "tables=users", "events=inserted,updated,deleted,truncated")
                .close();
        assertThat(query(TRIGGERS))
                .containsExactly(
                        "users ectowatch.shop.delete",
                        "users ectowatch.shop.insert",
                        "users ectowatch.shop.truncate",
                        "users ectowatch.shop.update");

        Watching.start(database, "tables=users", "events=updated").close();

        assertThat(query(TRIGGERS)).containsExactly("users ectowatch.shop.update");
        assertThat(query(FUNCTIONS)).containsExactly("shop.public.users.update");
    }

    @Test
    void theTriggersOfARemovedTableAreRemoved() throws Exception {
        Watching.start(database, "tables=users, posts").close();

        try (Watching watching = Watching.start(database, "tables=posts")) {
            assertThat(query(TRIGGERS)).isNotEmpty().allMatch(trigger -> trigger.startsWith("posts "));
            assertThat(query(FUNCTIONS)).isNotEmpty().allMatch(function -> function.startsWith("shop.public.posts."));
            database.execute("INSERT INTO users VALUES (1)", "INSERT INTO posts VALUES (2)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.posts inserted [2]");
        }
    }

    @Test
    void twoConnectorsOnOneTableLiveSideBySide() throws Exception {
        try (Watching shop = Watching.start(database, "tables=users");
                Watching audit = Watching.start(database, "name=audit", "tables=users", "events=deleted")) {
            database.execute("INSERT INTO users VALUES (1)", "DELETE FROM users");
            shop.changes(2);
            audit.changes(1);
            assertThat(shop.published()).containsExactly("public.users inserted [1]", "public.users deleted [1]");
            assertThat(audit.published()).containsExactly("public.users deleted [1]");
        }
        Watching.start(database, "name=audit", "tables=posts").close();
        assertThat(query(TRIGGERS)).contains("users ectowatch.shop.insert", "posts ectowatch.audit.insert");
        assertThat(query(TRIGGERS)).doesNotContain("users ectowatch.audit.delete");
    }

    @Test
    void whatAnotherConnectorInstallsIsNoChangeOfOnesOwnTriggers() throws Exception {
        String read = "SELECT r::text FROM (" + TriggerState.sql(new ObjectNames("shop", "ectowatch")) + ") AS r";
        Watching.start(database, "tables=users").close();
        List<String> before = query(read);

        Watching.start(database, "name=audit", "tables=users, posts").close();
        assertThat(query(read)).isEqualTo(before);

        database.execute("ALTER TABLE users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (email)");
        assertThat(query(read)).isNotEqualTo(before);
    }

    @Test
    void objectsOfOthersAreLeftAlone() throws Exception {
        database.execute(
                "CREATE SCHEMA ectowatch",
                "CREATE FUNCTION ectowatch.\"shop.public.old.insert\"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN"
                        + " RETURN NULL; END'",
                "COMMENT ON FUNCTION ectowatch.\"shop.public.old.insert\"() IS '{\"connector\": \"shop\"}'",
                "CREATE TRIGGER \"ectowatch.shop.mine\" AFTER INSERT ON users EXECUTE FUNCTION"
                        + " ectowatch.\"shop.public.old.insert\"()");

        Watching.start(database, "tables=posts").close();

        assertThat(query(TRIGGERS)).contains("users ectowatch.shop.mine");
        assertThat(query(FUNCTIONS)).contains("shop.public.old.insert");
    }

    @Test
    void aFunctionThatWasChangedAndATriggerThatWasDisabledAreRepairedByARestart() throws Exception {
        Watching.start(database, "tables=users").close();
        database.execute(
                "CREATE OR REPLACE FUNCTION ectowatch.\"shop.public.users.insert\"() RETURNS trigger LANGUAGE plpgsql"
                        + " AS 'BEGIN RETURN NULL; END'",
                "ALTER TABLE users DISABLE TRIGGER \"ectowatch.shop.delete\"");

        try (Watching watching = Watching.start(database, "tables=users")) {
            watching.awaitResync();
            database.execute("INSERT INTO users VALUES (1)", "DELETE FROM users");
            assertThat(watching.changesOfRows(2))
                    .containsExactly("public.users inserted [1]", "public.users deleted [1]");
        }
    }

    @Test
    void namesOfAnyKindAndLengthSimplyWork() throws Exception {
        String schema = "Größe \"x\" ${function} $ectowatch$ 'q'";
        String table = "日本語のとても長いテーブル名abc"; // 14 characters of three bytes and more
        String longest = "a.\\b%c" + "z".repeat(57);
        String ident = io.ectowatch.connect.postgres.SqlText.identifier(schema);
        String quotedTable = io.ectowatch.connect.postgres.SqlText.identifier(schema, table);
        String quotedLongest = io.ectowatch.connect.postgres.SqlText.identifier(schema, longest);
        String key = "The \"Key\" `'\\ ?";
        String quotedKey = io.ectowatch.connect.postgres.SqlText.identifier(key);
        database.execute(
                "CREATE SCHEMA " + ident,
                "CREATE TABLE " + quotedTable + " (" + quotedKey + " int PRIMARY KEY)",
                "CREATE TABLE " + quotedLongest + " (" + quotedKey + " int PRIMARY KEY)");

        String connector = "Ünser \"Konnektor\" mit einem Namen, der für PostgreSQL viel zu lang ist";
        String[] settings = {
            "name=" + connector,
            "tables=" + quotedTable + ", " + quotedLongest,
            "topic.format=${prefix}.${schema}.${table}.${event}"
        };
        try (Watching watching = Watching.start(database, settings)) {
            database.execute(
                    "INSERT INTO " + quotedTable + " VALUES (1)", "INSERT INTO " + quotedLongest + " VALUES (2)");

            watching.changes(2);
            assertThat(watching.published())
                    .containsExactly(schema + "." + table + " inserted [1]", schema + "." + longest + " inserted [2]");
        }
        DdlLog log = DdlLog.start(database);
        Watching.start(database, settings).close();
        assertThat(log.take()).isEmpty();
    }

    @Test
    void aLongTransactionDelaysItsOwnTableOnlyAndNoWriter() throws Exception {
        try (Connection longOne = database.connect();
                Connection writer = database.connect()) {
            longOne.setAutoCommit(false);
            longOne.createStatement().execute("INSERT INTO users VALUES (1)");
            writer.createStatement().execute("SET lock_timeout = '10s'");

            try (CapturedLog log = new CapturedLog();
                    Watching watching = Watching.begin(database, "tables=users, posts")) {
                // The other table's triggers work while this one has to wait.
                List<String> waits = new ArrayList<>();
                for (int i = 100;
                        watching.published().isEmpty() || !log.text().contains("install triggers on public.users");
                        i++) {
                    writer.createStatement().execute("INSERT INTO users VALUES (" + i + ")");
                    writer.createStatement().execute("INSERT INTO posts VALUES (" + i + ")");
                    waits.addAll(query("SELECT mode FROM pg_locks WHERE relation = 'users'::regclass AND NOT granted"));
                    watching.poll();
                }
                assertThat(watching.published()).allMatch(change -> change.startsWith("public.posts inserted"));
                assertThat(waits).isEmpty();
                assertThat(query(TRIGGERS)).noneMatch(trigger -> trigger.startsWith("users "));

                longOne.commit();
                watching.awaitResync();
                database.execute("INSERT INTO users VALUES (2)");
                assertThat(watching.changesOfRows(1)).containsExactly("public.users inserted [2]");
            }
        }
    }

    @Test
    void aLockThatIsNotFreeIsGivenUpRatherThanWaitedFor() throws Exception {
        try (Connection holder = database.connect();
                Connection connection = database.connect()) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("LOCK TABLE users IN ROW EXCLUSIVE MODE");
            connection.createStatement().execute("SET statement_timeout = '10s'");
            Step step = new Step(
                    "lock users",
                    Set.of(),
                    Step.Lock.NONE,
                    List.of("CREATE TABLE made (id int)", "LOCK TABLE users IN ACCESS EXCLUSIVE MODE"));

            assertThat(new Installer("ectowatch", 50, pause -> true).run(connection, step))
                    .contains("no lock within 50 ms");
            assertThat(query("SELECT relname FROM pg_class WHERE relname = 'made'"))
                    .isEmpty();
        }
    }

    @Test
    void anInstallationWaitsForItsTurnLongerThanForATable() throws Exception {
        try (Connection other = database.connect();
                Connection connection = database.connect()) {
            other.createStatement().execute("SELECT pg_advisory_lock(" + ObjectNames.INSTALL_KEY + ")");
            Step step = new Step("make a table", Set.of(), Step.Lock.NONE, List.of("CREATE TABLE made (id int)"));
            int longer = 500;

            CompletableFuture<Optional<String>> obstacle = CompletableFuture.supplyAsync(() -> {
                try {
                    return new Installer("ectowatch", 10, pause -> true).run(connection, step);
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
            });
            await().until(() -> obstacle.isDone()
                    || !query("SELECT 1 FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
                                    + " WHERE l.locktype = 'advisory' AND NOT l.granted"
                                    + " AND clock_timestamp() > a.query_start + interval '" + longer + " ms'")
                            .isEmpty());
            other.createStatement().execute("SELECT pg_advisory_unlock_all()");

            assertThat(obstacle.get()).isEmpty();
            assertThat(query("SELECT relname FROM pg_class WHERE relname = 'made'"))
                    .hasSize(1);
        }
    }

    @Test
    void aPreparedTransactionIsSeenAsAnyOtherThatHoldsATable() throws Exception {
        try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setLocaleConfig("locale", "C")
                        .setServerConfig("max_prepared_transactions", "5")
                        .start();
                Connection writer = server.getPostgresDatabase().getConnection();
                Statement statement = writer.createStatement()) {
            statement.execute("CREATE TABLE users (id int PRIMARY KEY)");
            statement.execute("CREATE TABLE writes (id int PRIMARY KEY)");
            statement.execute("BEGIN; INSERT INTO users VALUES (1); PREPARE TRANSACTION 'forgotten'");
            List<String> waits = new ArrayList<>();
            try (Watching watching = Watching.begin(
                    database,
                    "tables=users, writes",
                    "connection.url=jdbc:postgresql://localhost:" + server.getPort() + "/postgres")) {
                for (int i = 0; watching.published().isEmpty(); i++) {
                    statement.execute("INSERT INTO writes VALUES (" + i + ")");
                    waits.addAll(query(
                            writer, "SELECT mode FROM pg_locks WHERE relation = 'users'::regclass AND NOT granted"));
                    watching.poll();
                }
                assertThat(waits).isEmpty();

                statement.execute("COMMIT PREPARED 'forgotten'");
                watching.awaitResync();
            }
        }
    }

    private List<String> query(String sql) throws Exception {
        try (Connection connection = database.connect()) {
            return query(connection, sql);
        }
    }

    private static List<String> query(Connection connection, String sql) throws Exception {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }
}
