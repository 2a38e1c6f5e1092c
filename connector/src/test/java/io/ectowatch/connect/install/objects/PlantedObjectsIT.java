package io.ectowatch.connect.install.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.EctoWatchSourceConnector;
import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.journal.JournalSource;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.trigger.ContextSql;
import io.ectowatch.connect.wiring.Components;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A role that may do no more than create things, and puts something where the connector is going to look for its own. */
class PlantedObjectsIT {

    @NewDatabase
    private TestDatabase database;

    private String stranger;
    private String connector;

    @BeforeEach
    void aTableAndAStrangerWithATrap() throws Exception {
        stranger = database.role("stranger");
        connector = database.role("connector");
        database.execute(
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + stranger + ", " + connector,
                "CREATE TABLE users (id int PRIMARY KEY, email text)",
                "GRANT TRIGGER ON users TO " + connector,
                "CREATE SCHEMA evil AUTHORIZATION " + stranger,
                "GRANT USAGE ON SCHEMA evil TO PUBLIC",
                "CREATE TABLE evil.ran (role text)",
                "GRANT INSERT ON evil.ran TO PUBLIC");
        asStranger(
                "CREATE FUNCTION evil.trap() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN INSERT INTO evil.ran VALUES (current_user); RETURN NEW; END'",
                "CREATE FUNCTION evil.text() RETURNS text LANGUAGE plpgsql AS"
                        + " $$ BEGIN INSERT INTO evil.ran VALUES (current_user); RETURN 'x'; END $$");
    }

    /** The exact copy, markers included: only the owner gives it away. */
    @ParameterizedTest
    @CsvSource({"durable,true", "durable,false", "notify,true", "notify,false"})
    void anExactCopyOfAllThatTheConnectorMakesIsRefused(String delivery, boolean superuser) throws Exception {
        String[] settings = settings(delivery, superuser ? database.user() : connector);
        plantAll(settings);
        if (delivery.equals("durable")) {
            asStranger("CREATE TRIGGER trap BEFORE INSERT OR UPDATE ON ectowatch.\"shop.journal.0\" FOR EACH ROW"
                    + " EXECUTE FUNCTION evil.trap()");
        }
        assertThatThrownBy(() -> Watching.start(database, settings))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("database.schema: Schema ectowatch is owned by role " + stranger)
                .hasMessageContaining(" more objects of connector shop are owned by role " + stranger);
        assertThat(Validation.errors(database, settings).get("database.schema"))
                .contains("\"ectowatch\".\"shop.lost\"")
                .contains(" are owned by role " + stranger);
        assertNothingRan();
        assertThat(database.number("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'users'::regclass"))
                .isZero();
    }

    /** In a schema of the user, where every role may create objects. */
    @ParameterizedTest
    @MethodSource("single")
    void aSingleObjectOfAStrangersIsRefused(String plant, String sentence) throws Exception {
        database.execute("CREATE SCHEMA app AUTHORIZATION " + connector, "GRANT CREATE, USAGE ON SCHEMA app TO PUBLIC");
        asStranger(plant.split(";;"));
        for (String role : List.of(database.user(), connector)) {
            database.execute("ALTER SCHEMA app OWNER TO " + role);
            assertThatThrownBy(() -> Watching.start(database, settings("durable", role, "database.schema=app")))
                    .as(role)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("database.schema: ")
                    .hasMessageContaining(sentence + " " + stranger);
        }
        assertNothingRan();
    }

    static Stream<Arguments> single() {
        String marker = " IS '" + Marker.of("shop").comment() + "'";
        String shared = " IS '" + Marker.shared().comment() + "'";
        return Stream.of(
                Arguments.of(
                        "CREATE VIEW app.\"shop.layouts\" AS SELECT 1 AS id, evil.text() AS layout, '[]'::text AS definition",
                        "\"app\".\"shop.layouts\" is owned by role"),
                Arguments.of(
                        "CREATE TABLE app.\"shop.owner\" (id int) PARTITION BY LIST (id)",
                        "\"app\".\"shop.owner\" is owned by role"),
                Arguments.of(
                        "CREATE SEQUENCE app.\"shop.ring\" MINVALUE 0;;COMMENT ON SEQUENCE app.\"shop.ring\"" + marker,
                        "\"app\".\"shop.ring\" is owned by role"),
                Arguments.of(
                        "CREATE FUNCTION app.\"shop.public.users.insert\"() RETURNS trigger LANGUAGE plpgsql AS"
                                + " 'BEGIN RETURN NULL; END'",
                        "\"app\".\"shop.public.users.insert\"() is owned by role"),
                Arguments.of(
                        "CREATE FUNCTION app.unwanted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
                                + ";;COMMENT ON FUNCTION app.unwanted()" + marker,
                        "\"app\".\"unwanted\"() is owned by role"),
                Arguments.of(
                        "CREATE FUNCTION app.\"shop.append\"(bigint, integer, text, text, integer) RETURNS void LANGUAGE sql"
                                + " AS 'INSERT INTO evil.ran VALUES (current_user)'",
                        "\"app\".\"shop.append\"(bigint, integer, text, text, integer) is owned by role"),
                Arguments.of(
                        "CREATE FUNCTION app.uninstall(connector text) RETURNS int LANGUAGE sql AS 'SELECT 1'"
                                + ";;COMMENT ON FUNCTION app.uninstall(text)" + shared,
                        "\"app\".\"uninstall\"(text) is owned by role"));
    }

    /** What the connector made is its own, and no more what it made. */
    @ParameterizedTest
    @MethodSource("changes")
    void whatHasBeenChangedIsRefusedAndNothingOfItRuns(String change, String sentence) throws Exception {
        String[] settings = settings("durable", connector);
        Watching.start(database, settings).close();
        database.awaitNoTask();
        for (String sql : change.split(";;")) {
            database.execute(sql.formatted(stranger, connector));
        }

        assertThatThrownBy(() -> Watching.start(database, settings))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("database.schema: ")
                .hasMessageContaining(sentence.formatted(stranger));
        database.execute("DELETE FROM evil.ran");
        assertThatThrownBy(() -> Watching.start(database, settings)).isInstanceOf(ConnectException.class);
        assertThat(database.number("SELECT count(*) FROM evil.ran")).isZero();
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                Arguments.of(
                        "CREATE TRIGGER trap BEFORE INSERT OR UPDATE ON ectowatch.\"shop.owner\" FOR EACH ROW EXECUTE"
                                + " FUNCTION evil.trap()",
                        "\"ectowatch\".\"shop.owner\" was changed: unexpected: trigger trap calling evil.trap"),
                Arguments.of(
                        "CREATE RULE also AS ON UPDATE TO ectowatch.\"shop.owner\" DO ALSO SELECT evil.text()",
                        "unexpected: rule also"),
                Arguments.of(
                        "CREATE POLICY see ON ectowatch.\"shop.layouts\" USING (evil.text() = 'x')"
                                + ";;ALTER TABLE ectowatch.\"shop.layouts\" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
                        "unexpected: policy see"),
                Arguments.of(
                        "ALTER TABLE ectowatch.\"shop.owner\" ALTER emptied_lsn SET DEFAULT evil.text()::pg_lsn",
                        "unexpected: column emptied_lsn pg_lsn DEFAULT (evil.text())::pg_lsn, missing: column emptied_lsn pg_lsn"),
                Arguments.of(
                        "ALTER TABLE ectowatch.\"shop.owner\" ADD further int GENERATED ALWAYS AS (1) STORED",
                        "unexpected: column further int4 GENERATED AS 1"),
                Arguments.of(
                        "ALTER TABLE ectowatch.\"shop.journal.2\" ALTER body DROP NOT NULL",
                        "\"ectowatch\".\"shop.journal.2\" was changed: unexpected: column body text, missing: column"
                                + " body text NOT NULL"),
                Arguments.of(
                        "ALTER TABLE ectowatch.\"shop.journal.1\" ADD CHECK (length(evil.text()) < 9)",
                        "unexpected: constraint CHECK"),
                Arguments.of(
                        "CREATE TABLE evil.child () INHERITS (ectowatch.\"shop.owner\")",
                        "unexpected: child evil.child"),
                Arguments.of("DROP INDEX ectowatch.\"shop.journal.1.lsn\"", "missing: index btree (lsn)"),
                Arguments.of(
                        "CREATE INDEX ON ectowatch.\"shop.journal.0\" (upper(body))",
                        "unexpected: index btree (upper(body))"),
                Arguments.of("ALTER TABLE ectowatch.\"shop.journal.0\" SET UNLOGGED", "unexpected: unlogged table"),
                Arguments.of("ALTER SEQUENCE ectowatch.\"shop.ring\" CACHE 20", "CACHE 20"),
                Arguments.of(
                        "ALTER TABLE ectowatch.\"shop.owner\" OWNER TO %1$s",
                        "\"ectowatch\".\"shop.owner\" is owned by role %1$s"),
                Arguments.of(
                        "ALTER SEQUENCE ectowatch.\"shop.lease\" OWNER TO postgres",
                        "\"ectowatch\".\"shop.lease\" is owned by superuser postgres"),
                Arguments.of(
                        "ALTER FUNCTION ectowatch.\"shop.public.users.insert\"() OWNER TO %1$s",
                        "\"ectowatch\".\"shop.public.users.insert\"() is owned by role %1$s"),
                Arguments.of(
                        "ALTER FUNCTION ectowatch.uninstall(text) OWNER TO %1$s",
                        "\"ectowatch\".\"uninstall\"(text) is owned by role %1$s"),
                Arguments.of(
                        "ALTER SCHEMA ectowatch OWNER TO %1$s;;GRANT CREATE, USAGE ON SCHEMA ectowatch TO %2$s",
                        "Schema ectowatch is owned by role %1$s, which could replace the objects in it."),
                Arguments.of(
                        "GRANT CREATE ON SCHEMA ectowatch TO PUBLIC",
                        "Every role may create objects in schema ectowatch, and so could block the connector's objects."
                                + " Run: REVOKE CREATE ON SCHEMA \"ectowatch\" FROM PUBLIC;"),
                Arguments.of(
                        "GRANT INSERT, SELECT ON ectowatch.\"shop.journal.0\" TO %1$s",
                        "\"%1$s\" has INSERT, SELECT on \"ectowatch\".\"shop.journal.0\". Only the owner and the"
                                + " connector may have such privileges. Run: REVOKE ALL ON TABLE \"ectowatch\".\"shop.journal.0\""
                                + " FROM \"%1$s\";"),
                Arguments.of(
                        "GRANT UPDATE (token) ON ectowatch.\"shop.owner\" TO PUBLIC",
                        "PUBLIC has UPDATE on \"ectowatch\".\"shop.owner\""),
                Arguments.of(
                        "GRANT UPDATE ON SEQUENCE ectowatch.\"shop.ring\" TO %1$s",
                        "REVOKE ALL ON SEQUENCE \"ectowatch\".\"shop.ring\" FROM"));
    }

    /** It would be the stranger's still: CREATE OR REPLACE keeps the owner. */
    @InBothDeliveries
    void whatIsMadeBetweenTheCheckAndTheCreationIsNotAdopted(String delivery) throws Exception {
        database.execute("CREATE SCHEMA ectowatch", "GRANT CREATE, USAGE ON SCHEMA ectowatch TO PUBLIC");
        List<String> statements = baseObjects(settings(delivery, database.user()));
        asStranger(
                "CREATE SEQUENCE ectowatch.\"shop.lost\"",
                "CREATE FUNCTION ectowatch.\"shop.append\"(bigint, integer, text, text, bigint) RETURNS void LANGUAGE sql"
                        + " AS 'SELECT'");
        assertThatThrownBy(() -> database.execute(statements.toArray(new String[0])))
                .hasMessageContaining("is owned by role " + stranger);
        asStranger("DROP SEQUENCE ectowatch.\"shop.lost\"");
        if (delivery.equals("durable")) {
            assertThatThrownBy(() -> database.execute(statements.toArray(new String[0])))
                    .hasMessageContaining("is owned by role " + stranger);
        }
    }

    /** Before the first start: a request for an offset would read the table of the connector's owners. */
    @Test
    void aRequestForAnOffsetReadsNothingOfAStrangers() throws Exception {
        database.execute("CREATE SCHEMA ectowatch", "GRANT CREATE, USAGE ON SCHEMA ectowatch TO PUBLIC");
        asStranger(
                "CREATE VIEW ectowatch.\"shop.owner\" AS SELECT NULL::pg_snapshot AS emptied_from, NULL::pg_snapshot AS"
                        + " emptied_to, NULL::pg_lsn AS emptied_lsn, NULL::xid8 AS emptied_xid, NULL::int8 AS emptied_index,"
                        + " now() AS emptied_at WHERE evil.text() = 'x'",
                "GRANT SELECT ON ectowatch.\"shop.owner\" TO PUBLIC");
        Map<String, String> config =
                Watching.config(database, settings("durable", database.user())).originalsStrings();
        Map<Map<String, ?>, Map<String, ?>> offsets =
                Map.of(JournalSource.partition("shop"), Map.of("timestamp", "2026-01-31T12:00:00Z"));
        assertThatThrownBy(() -> new EctoWatchSourceConnector().alterOffsets(config, offsets))
                .hasMessageContaining("\"ectowatch\".\"shop.owner\" is owned by role " + stranger);
        assertNothingRan();
    }

    /** What bears another connector's name is looked at, too, for what connectors left. */
    @Test
    void aTableInThePlaceOfAnotherConnectorsLeaseStopsNothing() throws Exception {
        database.execute("CREATE SCHEMA ectowatch", "GRANT CREATE, USAGE ON SCHEMA ectowatch TO PUBLIC");
        asStranger(
                "CREATE TABLE ectowatch.\"other.lease\" (id int)",
                "COMMENT ON TABLE ectowatch.\"other.lease\" IS '"
                        + Marker.of("other").comment() + "'");
        try (Watching watching = Watching.start(database, settings("durable", database.user()))) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
        }
    }

    /** The session may take back the superuser that it began as, and so may whatever runs in it. */
    @Test
    void aSuperuserThatTakesOnAnotherRoleIsStillOne() throws Exception {
        database.execute(
                "CREATE SCHEMA app AUTHORIZATION " + stranger,
                "GRANT CREATE, USAGE ON SCHEMA app TO PUBLIC",
                "GRANT TRIGGER ON users TO " + stranger);
        assertThatThrownBy(() -> Watching.start(
                        database,
                        settings("durable", database.user(), "database.schema=app", "connection.role=" + connector)))
                .hasMessageContaining("and so run its code as superuser");
        Watching.start(database, settings("durable", connector, "database.schema=app"))
                .close();
    }

    @Test
    void aSchemaWhoseOwnerIsNoSuperuserIsNoPlaceForASuperuser() throws Exception {
        database.execute("CREATE SCHEMA app AUTHORIZATION " + stranger);
        assertThatThrownBy(() -> Watching.start(database, settings("durable", database.user(), "database.schema=app")))
                .hasMessageContaining("Schema app is owned by role " + stranger
                        + ", which could replace the objects in it and so run its code as superuser.");
    }

    /** Two connectors' roles may share a schema that an administrator made, and others may read. */
    @Test
    void whoMayOnlyReadOrMayCreateInASchemaOfTheUsersOwnIsWarnedOfAndNotRefused() throws Exception {
        database.execute("CREATE SCHEMA app", "GRANT CREATE, USAGE ON SCHEMA app TO " + connector + ", " + stranger);
        String[] settings = settings("durable", connector, "database.schema=app");
        Watching.start(database, settings).close();
        database.execute("GRANT SELECT ON app.\"shop.journal.0\" TO " + stranger, "INSERT INTO users VALUES (1)");
        try (Watching watching = Watching.start(database, settings)) {
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
        }
    }

    /** A function that is the connector's own is made again: rights and settings count as much as its text. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER FUNCTION ectowatch.\"shop.public.users.insert\"() SECURITY INVOKER",
                "ALTER FUNCTION ectowatch.\"shop.append\"(bigint, integer, text, text, bigint) RESET search_path",
                "GRANT EXECUTE ON FUNCTION ectowatch.\"shop.public.users.insert\"() TO PUBLIC",
                "GRANT EXECUTE ON FUNCTION ectowatch.\"shop.guard\"() TO %1$s"
            })
    void aFunctionOfTheConnectorsOwnIsCreatedAgain(String change) throws Exception {
        String[] settings = settings("durable", connector);
        Watching.start(database, settings).close();
        String functions = "SELECT oid::regprocedure || ' ' || prosecdef || ' ' || coalesce(proconfig::text, '') || ' '"
                + " || coalesce(proacl::text, '') FROM pg_proc WHERE proname LIKE 'shop.%' ORDER BY 1";
        List<String> before = database.column(functions);
        database.execute(change.formatted(stranger));
        assertThat(database.column(functions)).isNotEqualTo(before);

        Watching.start(database, settings).close();

        assertThat(database.column(functions)).isEqualTo(before);
    }

    private void assertNothingRan() throws Exception {
        database.execute("INSERT INTO users VALUES (1, 'a')", "UPDATE users SET email = 'b'", "DELETE FROM users");
        assertThat(database.column("SELECT role FROM evil.ran")).isEmpty();
    }

    private void plantAll(String[] settings) throws Exception {
        List<String> all = baseObjects(settings);
        asStranger(all.stream().filter(statement -> !statement.startsWith("DO")).toArray(String[]::new));
        asStranger("GRANT CREATE, USAGE ON SCHEMA ectowatch TO PUBLIC");
    }

    private List<String> baseObjects(String[] settings) throws Exception {
        ConnectorConfig config = Watching.config(database, settings);
        try (Connection connection = database.connect()) {
            return BaseObjects.read(
                            connection,
                            new ObjectNames("shop", "ectowatch"),
                            config.delivery().mode() == DeliveryMode.NOTIFY
                                    ? Optional.empty()
                                    : Components.provisioner(config).journal(),
                            List.of(),
                            InstallMode.APPLY,
                            ContextSql.NONE)
                    .complete()
                    .statements();
        }
    }

    private static String[] settings(String delivery, String role, String... more) {
        return Stream.concat(
                        Stream.of("tables=users", "delivery.mode=" + delivery, "connection.user=" + role),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    private void asStranger(String... statements) throws Exception {
        try (Connection connection = database.connectAs(stranger);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
