package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.DdlLog;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a hosting service or an administrator does to every new object, to every table, or with the whole database. */
class PlatformDefaultsIT extends ReviewedInstallation {

    private static final String OTHERS = """
            SELECT c.relname || ' ' || c.relacl::text FROM pg_class AS c, aclexplode(c.relacl) AS a
            WHERE c.relnamespace = 'ectowatch'::regnamespace AND a.grantee = 0
            UNION ALL
            SELECT p.proname || ' ' || p.proacl::text FROM pg_proc AS p, aclexplode(p.proacl) AS a
            WHERE p.pronamespace = 'ectowatch'::regnamespace AND p.proname <> 'uninstall'
              AND (a.grantee = 0 OR pg_get_userbyid(a.grantee) LIKE 'bystander%')
            UNION ALL
            SELECT n.nspname || ' ' || n.nspacl::text FROM pg_namespace AS n, aclexplode(n.nspacl) AS a
            WHERE n.nspname = 'ectowatch' AND a.grantee = 0
            """;

    private static final String SECURED = "SELECT count(*) FROM pg_class WHERE relnamespace = 'ectowatch'::regnamespace"
            + " AND (relrowsecurity OR relforcerowsecurity)";

    /** As hosting services install it: row level security on every table, and all privileges for PUBLIC. */
    private void harden(String role) throws Exception {
        String bystander = database.role("bystander");
        String defaults = "ALTER DEFAULT PRIVILEGES FOR ROLE " + role + " GRANT ALL ON %s TO PUBLIC, " + bystander;
        database.execute(
                """
                CREATE FUNCTION public.harden() RETURNS event_trigger LANGUAGE plpgsql AS $$
                DECLARE
                    made record;
                BEGIN
                    FOR made IN SELECT * FROM pg_event_trigger_ddl_commands() WHERE object_type = 'table' LOOP
                        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', made.object_identity);
                        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', made.object_identity);
                        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY NOTHING', made.object_identity);
                    END LOOP;
                END $$
                """,
                "CREATE EVENT TRIGGER harden ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION"
                        + " public.harden()",
                defaults.formatted("TABLES"),
                defaults.formatted("SEQUENCES"),
                defaults.formatted("FUNCTIONS"),
                defaults.formatted("SCHEMAS"));
    }

    @ParameterizedTest
    @CsvSource({"durable,true", "durable,false", "notify,false"})
    void newTablesThatAreSecuredAndGrantedToPublicAreTakenBack(String delivery, boolean superuser) throws Exception {
        String connector = superuser ? database.user() : database.role("connector");
        database.execute("GRANT CREATE ON DATABASE " + database.name() + " TO " + connector);
        database.execute("GRANT TRIGGER ON shop.users TO " + connector, "GRANT USAGE ON SCHEMA shop TO " + connector);
        harden(connector);
        String[] settings = {"tables=shop.users", "delivery.mode=" + delivery, "connection.user=" + connector};
        for (int id = 1; id <= 2; id++) {
            try (Watching watching = Watching.start(database, settings)) {
                String expected = "shop.users inserted [" + id + "]";
                database.execute("INSERT INTO shop.users VALUES (" + id + ")");
                watching.changes(all -> watching.published().contains(expected));
            }
        }
        assertThat(database.column(OTHERS)).isEmpty();
        assertThat(database.number(SECURED)).isZero();
    }

    @InBothDeliveries
    void soAreThoseThatThePrintedSqlMakes(String delivery) throws Exception {
        harden(database.user());
        database.execute(printed(settings(delivery)));
        try (Watching watching = Watching.start(database, with(settings(delivery), VERIFY))) {
            database.execute("INSERT INTO shop.users VALUES (1)");
            assertThat(awaitInserted(watching)).isEqualTo("shop.users inserted [1]");
        }
        assertThat(database.column(OTHERS)).isEmpty();
        assertThat(database.number(SECURED)).isZero();
    }

    @Test
    void rowLevelSecurityThatIsEnabledLaterIsMendedByApplyAndNamedByVerify() throws Exception {
        database.execute(printed(settings("durable")));
        String[] enable = {
            "ALTER TABLE ectowatch.\"shop.journal.0\" ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE ectowatch.\"shop.journal.1\" REPLICA IDENTITY NOTHING"
        };
        database.execute(enable);
        assertThatThrownBy(() -> Watching.start(database, with(settings("durable"), VERIFY)))
                .hasMessageContaining("install.mode: ")
                .hasMessageContaining("ALTER TABLE \"ectowatch\".\"shop.journal.0\" DISABLE ROW LEVEL SECURITY")
                .hasMessageContaining("ALTER TABLE \"ectowatch\".\"shop.journal.1\" REPLICA IDENTITY FULL");
        assertThat(values(with(settings("durable"), VERIFY)))
                .anySatisfy(
                        value -> assertThat(value.errorMessages().toString()).contains("DISABLE ROW LEVEL SECURITY"));
        database.execute(
                "ALTER TABLE ectowatch.\"shop.journal.0\" DISABLE ROW LEVEL SECURITY", printed(settings("durable")));
        database.execute("ALTER TABLE ectowatch.\"shop.journal.1\" REPLICA IDENTITY FULL");
        Watching.start(database, with(settings("durable"), VERIFY)).close();

        String connector = database.role("connector");
        database.execute(
                "CREATE SCHEMA app AUTHORIZATION " + connector,
                "GRANT TRIGGER ON shop.users TO " + connector,
                "GRANT USAGE ON SCHEMA shop TO " + connector);
        String[] apply = {"tables=shop.users", "connection.user=" + connector, "database.schema=app"};
        Watching.start(database, apply).close();
        database.execute("ALTER TABLE app.\"shop.journal.0\" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
        try (Watching watching = Watching.start(database, apply)) {
            database.execute("INSERT INTO shop.users VALUES (1)");
            assertThat(awaitInserted(watching)).isEqualTo("shop.users inserted [1]");
        }
        DdlLog log = DdlLog.start(database);
        Watching.start(database, apply).close();
        assertThat(log.take()).isEmpty();
    }

    /** A copy of another role is no more the connector's when a superuser runs the SQL. */
    @Test
    void thePrintedSqlDoesNotAdoptWhatAnotherRoleMade() throws Exception {
        String stranger = database.role("stranger");
        database.execute("GRANT CREATE ON DATABASE " + database.name() + " TO " + stranger);
        String sql = printed(settings("durable"));
        try (Connection connection = database.connectAs(stranger);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA ectowatch");
            statement.execute(
                    "CREATE FUNCTION ectowatch.\"shop.shop.users.insert\"() RETURNS trigger LANGUAGE plpgsql AS"
                            + " 'BEGIN RETURN NULL; END'");
        }
        assertThatThrownBy(() -> database.execute(sql)).hasMessageContaining("is owned by role " + stranger);
        assertThatThrownBy(() -> Watching.start(database, with(settings("durable"), VERIFY)))
                .hasMessageContaining("Schema ectowatch is owned by role " + stranger);
        assertThat(database.number("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'shop.users'::regclass"))
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALTER TABLE ectowatch.\"shop.owner\" OWNER TO %s|\"ectowatch\".\"shop.owner\" is owned by role",
                "ALTER FUNCTION ectowatch.\"shop.append\"(bigint, integer, text, text, bigint) OWNER TO %s|is owned by",
                "GRANT TRIGGER ON ectowatch.\"shop.owner\" TO %s|has TRIGGER on \"ectowatch\".\"shop.owner\"",
                "GRANT CREATE ON SCHEMA ectowatch TO %s|may create objects in schema ectowatch"
            })
    void whatIsAStrangersInAReviewedInstallationIsRefused(String change, String sentence) throws Exception {
        String stranger = database.role("stranger");
        database.execute(printed(settings("durable")), change.formatted(stranger));
        assertThatThrownBy(() -> Watching.start(database, with(settings("durable"), VERIFY)))
                .hasMessageContaining("database.schema: ")
                .hasMessageContaining(sentence)
                .hasMessageContaining(stranger);
    }

    /** All of it exactly as printed, made by a role that may not even create triggers on the tables. */
    @Test
    void aReviewedInstallationThatAStrangerOwnsIsRefused() throws Exception {
        String stranger = database.role("stranger");
        database.execute(printed(settings("durable")));
        for (String sql : database.column("""
                SELECT format('ALTER %s %s OWNER TO ', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, oid::regclass)
                FROM pg_class WHERE relnamespace = 'ectowatch'::regnamespace AND relkind IN ('r', 'S')
                UNION ALL
                SELECT format('ALTER FUNCTION %s OWNER TO ', oid::regprocedure) FROM pg_proc
                WHERE pronamespace = 'ectowatch'::regnamespace
                """)) {
            database.execute(sql + stranger);
        }
        assertThatThrownBy(() -> Watching.start(database, with(settings("durable"), VERIFY)))
                .hasMessageContaining("The objects of connector shop in schema ectowatch are owned by role " + stranger
                        + ", which is neither a superuser nor the database's owner, and may not create triggers on all"
                        + " watched tables");

        database.execute("GRANT TRIGGER ON shop.users, posts TO " + stranger);
        Watching.start(database, with(settings("durable"), VERIFY)).close();
    }

    /** The connector creates its schema, or an operator has created it for the connector's role, as the README says. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    durable | GRANT CREATE ON DATABASE %1$s TO %2$s
                    durable | CREATE SCHEMA ectowatch AUTHORIZATION %2$s
                    notify  | GRANT CREATE ON DATABASE %1$s TO %2$s
                    notify  | CREATE SCHEMA ectowatch AUTHORIZATION %2$s
                    """)
    void theDatabasesOwnerCanDumpWhatTheConnectorMade(String delivery, String schema) throws Exception {
        String owner = database.role("owner");
        String connector = database.role("connector");
        database.execute(
                "ALTER DATABASE " + database.name() + " OWNER TO " + owner,
                schema.formatted(database.name(), connector),
                "GRANT TRIGGER ON shop.users TO " + connector,
                "GRANT USAGE ON SCHEMA shop TO " + connector);
        Watching.start(database, "tables=shop.users", "connection.user=" + connector, "delivery.mode=" + delivery)
                .close();
        List<String> statements = database.column("""
                SELECT format('LOCK TABLE %s IN ACCESS SHARE MODE', oid::regclass)
                FROM pg_class WHERE relnamespace = 'ectowatch'::regnamespace AND relkind = 'r'
                UNION ALL
                SELECT format('SELECT * FROM %s', oid::regclass)
                FROM pg_class WHERE relnamespace = 'ectowatch'::regnamespace AND relkind IN ('r', 'S')
                """);
        assertThat(statements).hasSizeGreaterThan(1);
        try (Connection connection = database.connectAs(owner);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** PostgreSQL refuses every UPDATE and DELETE of a published table without a replica identity. */
    @InBothDeliveries
    void aPublicationOfAllTablesStopsNothing(String delivery, @TempDir Path directory) throws Exception {
        try (OwnServer server = OwnServer.start(directory.resolve("data"), "wal_level = logical")) {
            server.execute("CREATE TABLE users (id int PRIMARY KEY)", "CREATE PUBLICATION everything FOR ALL TABLES");
            String[] settings = {
                "connection.url=" + server.url(),
                "connection.user=postgres",
                "tables=users",
                "delivery.mode=" + delivery
            };
            for (int start = 0; start < 2; start++) {
                try (Watching watching = Watching.begin((Map<String, ?>) null, settings)) {
                    watching.awaitInstalled();
                    int id = start;
                    server.execute("INSERT INTO users VALUES (" + id + ")");
                    watching.changes(all -> watching.published().contains("public.users inserted [" + id + "]"));
                }
            }
            if (delivery.equals("durable")) {
                turnsAndEmpties(server, settings);
                server.execute(
                        "UPDATE ectowatch.\"shop.journal.0\" SET lsn = lsn",
                        "DELETE FROM ectowatch.\"shop.journal.0\"");
            }
        }
    }

    private static void turnsAndEmpties(OwnServer server, String[] settings) throws Exception {
        try (Watching watching = Watching.begin((Map<String, ?>) null, settings)) {
            watching.awaitInstalled();
            await().until(() -> {
                server.execute("INSERT INTO users SELECT 2 * g FROM generate_series(1, 100000) g", "TRUNCATE users");
                watching.changes(100_000);
                watching.forget();
                watching.commit();
                return server.text("SELECT count(*) FROM ectowatch.\"shop.owner\" WHERE emptied_at IS NOT NULL")
                        .equals("1");
            });
        }
    }
}
