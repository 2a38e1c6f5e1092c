package io.ectowatch.connect.install.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Version;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the view "status" and the function "check" show to a database administrator who is no superuser. */
class StatusIT {

    private static final String[] DURABLE = {"tables=users"};
    private static final String[] NOTIFY = {"tables=users", "name=bell", Watching.NOTIFY};

    private TestDatabase database;
    private String monitor;

    @BeforeEach
    void aTableAndAnAdministrator() throws Exception {
        database = TestDatabase.create();
        monitor = database.role("monitor");
        database.execute("CREATE TABLE users (id int PRIMARY KEY)", "GRANT pg_monitor TO " + monitor);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void theViewHasOneRowForEachConnectorOfTheSchema() throws Exception {
        try (Watching durable = Watching.start(database, DURABLE);
                Watching notify = Watching.start(database, NOTIFY)) {
            database.execute("INSERT INTO users VALUES (1)");
            durable.changes(1);
            notify.changes(1);

            assertThat(seen("SELECT connector, delivery, version, state IN ('reading', 'asleep', 'listening'),"
                            + " lease_until > now(), tables, problems FROM ectowatch.status ORDER BY connector"))
                    .containsExactly(
                            "bell notify " + Version.current() + " t t {public.users} 0",
                            "shop durable " + Version.current() + " t t {public.users} 0");
            assertThat(seen("SELECT s.connector FROM ectowatch.status AS s JOIN pg_stat_activity AS a"
                            + " ON a.pid = s.session_pid AND a.backend_start = s.session_since"
                            + " AND starts_with(a.application_name, 'ectowatch ' || s.connector) ORDER BY 1"))
                    .containsExactly("bell", "shop");
            assertThat(seen("SELECT journal_limit, oldest_change <= now(), journal_bytes > 0, last_loss"
                            + " FROM ectowatch.status WHERE connector = 'shop'"))
                    .containsExactly("1073741824 t t null");
            assertThat(findings("shop")).isEmpty();
            assertThat(findings("bell")).isEmpty();
        }
    }

    @InBothDeliveries
    void itIsExactWhileNoTaskRuns(String delivery) throws Exception {
        String[] settings = {"tables=users", "delivery.mode=" + delivery};
        leave(settings);
        database.execute("INSERT INTO users VALUES (1)");

        assertThat(seen("SELECT state, session_pid, session_since FROM ectowatch.status"))
                .containsExactly("no session null null");
        assertThat(findings("shop"))
                .singleElement()
                .asString()
                .startsWith("No task of the connector has a session.")
                .contains("Start or resume the connector")
                .contains("SELECT ectowatch.uninstall('shop')");
        if (delivery.equals("durable")) {
            assertThat(seen("SELECT oldest_change BETWEEN now() - interval '1 minute' AND now(),"
                            + " (SELECT sum(b.value::int) FROM jsonb_each_text(journal_tables) AS b) = journal_bytes,"
                            + " ARRAY(SELECT jsonb_object_keys(journal_tables)) FROM ectowatch.status"))
                    .containsExactly("t t {shop.journal.0,shop.journal.1,shop.journal.2}");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "durable, false, ectowatch.shop.insert",
        "notify, false, ectowatch.shop.insert",
        "durable, true, ectowatch.shop.public.users.insert"
    })
    void aDisabledTriggerIsShownWithTheStatementThatEnablesIt(String delivery, boolean rowTriggers, String trigger)
            throws Exception {
        leave("tables=users", "delivery.mode=" + delivery, "row.triggers=" + rowTriggers);
        database.execute("ALTER TABLE users DISABLE TRIGGER \"" + trigger + "\"");

        assertThat(seen("SELECT disabled_triggers FROM ectowatch.status"))
                .containsExactly("{\"\\\"" + trigger + "\\\" ON public.users\"}");
        List<String> remedies = seen("SELECT remedy FROM ectowatch.check('shop') WHERE problem LIKE '%is disabled%'");
        assertThat(remedies).hasSize(1);
        database.execute(remedies.get(0));
        assertThat(seen("SELECT disabled_triggers FROM ectowatch.status")).containsExactly("{}");
    }

    @Test
    void tablesWithoutTheirTriggersAreShown() throws Exception {
        database.execute("CREATE TABLE posts (id int PRIMARY KEY)");
        leave("tables=posts", "watchers=u", "watchers.u.table=users", "watchers.u.row.triggers=true");
        database.execute(
                "DROP TRIGGER \"ectowatch.shop.public.users.insert\" ON users",
                "DROP FUNCTION ectowatch.\"shop.public.posts.insert\" CASCADE",
                "DROP FUNCTION ectowatch.\"shop.public.posts.update\" CASCADE",
                "DROP FUNCTION ectowatch.\"shop.public.posts.delete\" CASCADE");

        assertThat(seen("SELECT missing_triggers FROM ectowatch.status"))
                .containsExactly("{public.posts,public.users}");
        assertThat(findings("shop"))
                .anyMatch(finding -> finding.startsWith("Table public.users lacks a trigger"))
                .anyMatch(finding -> finding.startsWith("Table public.posts lacks a trigger"));
    }

    @Test
    void aSuspendedJournalAndAnExpiredLeaseAreShown() throws Exception {
        leave(DURABLE);
        database.execute("SELECT setval('ectowatch.\"shop.lease\"', 1)");
        assertThat(findings("shop")).anyMatch(finding -> finding.startsWith("The lease expired at 1970-01-01"));

        database.execute("SELECT ectowatch.\"shop.guard\"()");

        assertThat(seen("SELECT state, last_loss BETWEEN now() - interval '1 minute' AND now() FROM ectowatch.status"))
                .containsExactly("suspended t");
        assertThat(findings("shop"))
                .anyMatch(
                        finding -> finding.startsWith(
                                "The journal is suspended: changes are not captured. No task has read it for journal.lease.ms."));
    }

    @Test
    void aTransactionThatHoldsAJournalTableIsShownWithItsPid() throws Exception {
        leave(DURABLE);
        Statement holder = database.begin("LOCK TABLE ectowatch.\"shop.journal.1\" IN ACCESS SHARE MODE");
        String pid;
        try (ResultSet row = holder.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            pid = row.getString(1);
        }
        database.execute(
                "BEGIN; LOCK TABLE ectowatch.\"shop.journal.2\" IN ACCESS SHARE MODE; PREPARE TRANSACTION 'held "
                        + database.name() + "'");

        try {
            await().untilAsserted(() -> assertThat(findings("shop"))
                    .anyMatch(finding -> finding.matches("A transaction holds ectowatch.\"shop.journal.1\": pid " + pid
                            + ", role postgres.*\\|SELECT pg_terminate_backend\\(" + pid + "\\)"))
                    .anyMatch(finding -> finding.contains("prepared transaction 'held " + database.name())
                            && finding.contains("ROLLBACK PREPARED 'held " + database.name())));
        } finally {
            database.execute("ROLLBACK PREPARED 'held " + database.name() + "'");
        }
    }

    @Test
    void anotherOwnerAndMissingPrivilegesAreShownWithTheStatementsThatMendThem() throws Exception {
        String role = database.role("connector");
        database.execute(
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + role, "GRANT TRIGGER ON users TO " + role);
        leave("tables=users", "connection.user=" + role);
        List<String> before = findings("shop");
        database.execute(
                "ALTER TABLE ectowatch.\"shop.watched\" OWNER TO postgres",
                "ALTER FUNCTION ectowatch.\"shop.guard\" OWNER TO postgres",
                "REVOKE INSERT, TRUNCATE ON ectowatch.\"shop.journal.0\" FROM " + role);

        List<String> found = findings("shop");
        assertThat(found)
                .contains(
                        "ectowatch.\"shop.watched\" is owned by postgres, not by " + role
                                + ".|ALTER TABLE ectowatch.\"shop.watched\" OWNER TO " + role,
                        "ectowatch.\"shop.guard\"() is owned by postgres, not by " + role
                                + ".|ALTER FUNCTION ectowatch.\"shop.guard\"() OWNER TO " + role,
                        "Role " + role + " lacks INSERT, TRUNCATE on ectowatch.\"shop.journal.0\".|"
                                + "GRANT INSERT, TRUNCATE ON TABLE ectowatch.\"shop.journal.0\" TO " + role);
        for (String finding : found) {
            if (!before.contains(finding)) {
                database.execute(finding.substring(finding.indexOf('|') + 1));
            }
        }
        assertThat(findings("shop")).isEqualTo(before);
    }

    @Test
    void aConnectorThatIsNotInstalledIsReported() throws Exception {
        leave(DURABLE);

        assertThat(findings("shoop")).singleElement().asString().startsWith("Connector 'shoop' is not installed");
    }

    @Test
    void aRoleThatIsNoMemberOfPgMonitorSeesNothing() throws Exception {
        leave(DURABLE);
        String other = database.role("other");
        database.execute("GRANT USAGE ON SCHEMA ectowatch TO " + other);

        for (String sql : List.of(
                "SELECT * FROM ectowatch.status",
                "SELECT * FROM ectowatch.check('shop')",
                "SELECT * FROM ectowatch.connectors(NULL)",
                "SELECT ectowatch.\"shop.facts\"()")) {
            assertThatThrownBy(() -> seenBy(other, sql)).as(sql).hasMessageContaining("permission denied");
        }
        database.execute("GRANT SELECT ON ectowatch.status TO " + other);
        assertThatThrownBy(() -> seenBy(other, "SELECT * FROM ectowatch.status"))
                .hasMessageContaining("permission denied for function connectors");
    }

    /** In a schema in which every role may create objects. */
    @Test
    void noFunctionOfAnotherRoleIsCalled() throws Exception {
        String stranger = database.role("stranger");
        database.execute("CREATE SCHEMA app", "GRANT CREATE, USAGE ON SCHEMA app TO PUBLIC");
        leave("tables=users", "database.schema=app");
        try (Connection connection = database.connectAs(stranger);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE FUNCTION app.trap() RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER AS"
                    + " $$ BEGIN RAISE EXCEPTION 'ran'; END $$");
            statement.execute(
                    "COMMENT ON FUNCTION app.trap() IS '" + Marker.of("trap").comment() + "'");
            statement.execute("CREATE VIEW app.\"shop.journal.3\" AS SELECT 1 / 0 AS at, 1 AS lsn");
        }

        assertThat(seen("SELECT connector, state FROM app.status")).containsExactly("shop no session");
    }

    @ParameterizedTest
    @ValueSource(strings = {"VIEW ectowatch.status", "FUNCTION ectowatch.check", "FUNCTION ectowatch.connectors"})
    void anObjectThatAnotherRoleOwnsIsRefused(String object) throws Exception {
        String stranger = database.role("stranger");
        leave(DURABLE);
        database.execute("ALTER " + object + " OWNER TO " + stranger);

        assertThatThrownBy(() -> Watching.start(database, DURABLE))
                .isInstanceOf(ConnectException.class)
                .hasMessageMatching("(?s).*\"ectowatch\"[.]\"" + object.substring(object.indexOf('.') + 1)
                        + "\"\\S* is owned by role " + stranger + ", not by role postgres.*")
                .hasMessageContaining("That role could run its own code with it. Drop it.");
    }

    /** The schema may be the application's. */
    @Test
    void aTableOfThatNameStaysAndTheConnectorWorks() throws Exception {
        database.execute("CREATE SCHEMA app", "CREATE TABLE app.status (id int)");
        String[] settings = {"tables=users", "database.schema=app"};

        try (Watching watching = Watching.start(database, settings)) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
        }
        database.awaitNoTask();
        database.execute("SELECT app.uninstall('shop')");
        assertThat(database.column("SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace"))
                .containsExactly("status");
    }

    @Test
    void theObjectsOfALaterRevisionStayAndEarlierOnesAreReplaced() throws Exception {
        leave(DURABLE);
        String function =
                "CREATE OR REPLACE FUNCTION ectowatch.connectors(wanted text) RETURNS SETOF jsonb LANGUAGE sql"
                        + " SET search_path = pg_catalog, pg_temp AS 'SELECT NULL::jsonb'";
        String body = "SELECT length(prosrc) < 100 FROM pg_proc WHERE proname = 'connectors'";
        database.execute(
                function,
                "COMMENT ON FUNCTION ectowatch.connectors(text) IS '" + new Marker("", "", "", "", "1000").comment()
                        + "'");
        leave(DURABLE);
        assertThat(database.column(body)).containsExactly("t");

        database.execute("COMMENT ON FUNCTION ectowatch.connectors(text) IS '"
                + new Marker("", "", "", "", "0").comment() + "'");
        leave(DURABLE);
        assertThat(database.column(body)).containsExactly("f");
        assertThat(seen("SELECT connector FROM ectowatch.status")).containsExactly("shop");
    }

    @Test
    void aDroppedViewIsCreatedAgainWhileTheTaskRuns() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users", "table.poll.interval.ms=1000")) {
            database.execute("DROP VIEW ectowatch.status");
            await().until(() -> {
                watching.poll();
                return database.number("SELECT count(*) FROM pg_class WHERE relname = 'status' AND relnamespace ="
                                + " 'ectowatch'::regnamespace")
                        == 1;
            });
        }
    }

    @Test
    void aTaskLogsWhatIsWrongWithItsRemedy() throws Exception {
        String[] settings = {"tables=users, posts"};
        database.execute("CREATE TABLE posts (id int PRIMARY KEY)");
        leave(settings);
        database.execute("DROP TABLE posts");

        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.begin(database, settings)) {
            await().until(() -> {
                watching.poll();
                return log.text()
                        .contains("Connector shop: Table public.posts lacks a trigger, so changes are not captured."
                                + " Remedy: Start the connector");
            });
            assertThat(log.text()).doesNotContain("No task of the connector has a session");
        }
    }

    /** Otherwise the cost would grow with the square of the number of connectors. */
    @Test
    void theViewReadsTheDescriptionOfEachObjectOnce() throws Exception {
        leave(DURABLE);
        long readForOne = descriptionsRead();
        for (String name : List.of("name=a", "name=b", "name=c", "name=d")) {
            leave("tables=users", name);
        }

        assertThat(descriptionsRead()).isLessThanOrEqualTo(6 * readForOne);
    }

    /** How many rows of {@code pg_description} the view reads. */
    private long descriptionsRead() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT * FROM ectowatch.status");
            try (ResultSet row =
                    statement.executeQuery("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_sys_tables"
                            + " WHERE relname = 'pg_description'")) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private void leave(String... settings) throws Exception {
        Watching.start(database, settings).close();
        database.awaitNoTask();
    }

    /** Each as {@code problem|remedy}. */
    private List<String> findings(String connector) throws SQLException {
        return seen("SELECT problem || '|' || remedy FROM ectowatch.check('" + connector + "')");
    }

    private List<String> seen(String sql) throws SQLException {
        return seenBy(monitor, sql);
    }

    private List<String> seenBy(String role, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database.connectAs(role);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                List<String> values = new ArrayList<>();
                for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
                    values.add(String.valueOf(row.getString(column)));
                }
                rows.add(String.join(" ", values));
            }
        }
        return rows;
    }
}
