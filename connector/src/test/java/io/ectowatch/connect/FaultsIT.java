package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Ten faults, and where an operator finds the cause of each: in the task's metrics, the view {@code status}, the function
 * {@code check}, the log, or the status of the task in Connect, which is FAILED with the message that {@code poll()} has
 * thrown, and else RUNNING. {@code docs/operations.md} says what to do.
 */
class FaultsIT {

    private static final String[] USERS = {"tables=users"};
    private static final String FULL = "INSERT INTO notes SELECT string_agg(md5(n || '.' || k), '') FROM"
            + " generate_series(1, 3000) AS n, generate_series(1, 30) AS k GROUP BY n";

    @NewDatabase
    private TestDatabase database;

    private String monitor;

    @BeforeEach
    void aTableAndAnAdministrator() throws Exception {
        monitor = database.role("monitor");
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, name text)",
                "CREATE TABLE notes (id text PRIMARY KEY)",
                "GRANT pg_monitor TO " + monitor);
    }

    @Test
    void aStoppedWorkerIsSeenInTheDatabase() throws Exception {
        leave(USERS);
        database.execute("INSERT INTO users VALUES (1)");

        // No metrics and no log: the task is not there.
        assertThat(view("state || ', ' || coalesce(session_pid::text, 'no pid') || ', ' || (lease_until > now())"))
                .isEqualTo("no session, no pid, true");
        assertThat(view("oldest_change IS NOT NULL")).isEqualTo("t");
        assertThat(check())
                .containsExactly(
                        "No task of the connector has a session. Changes wait in the journal.|Start or resume the"
                                + " connector, and look at its status and its log. If it was deleted: SELECT"
                                + " ectowatch.uninstall('shop')");
    }

    @Test
    void aLockThatKeepsATriggerFromBeingInstalledIsSeenWithItsHolder() throws Exception {
        leave(USERS);
        database.execute("DROP TRIGGER \"ectowatch.shop.insert\" ON users");
        Statement holder = database.begin("LOCK TABLE users IN ROW EXCLUSIVE MODE");
        String pid = pid(holder);
        try (CapturedLog log = new CapturedLog();
                Watching task = Watching.begin(database, USERS)) {
            String description = "pid " + pid + ", role postgres, application_name ";
            polling(
                    task,
                    () -> log.text().contains("waiting to install triggers on public.users: a transaction holds")
                            && log.text().contains(description));
            polling(
                    task,
                    () -> metrics(task).get("missing-triggers") > 0
                            && metrics(task).get("tables-in-trouble") > 0);
            polling(task, () -> check().stream()
                    .anyMatch(finding -> finding.startsWith("A transaction holds public.users: " + description)
                            && finding.endsWith("|SELECT pg_terminate_backend(" + pid + ")")));
            assertThat(view("missing_triggers")).isEqualTo("{public.users}");
            assertThat(failure(task)).as("RUNNING").isNull();

            holder.execute("ROLLBACK");
            polling(task, () -> metrics(task).get("missing-triggers") == 0 && check().isEmpty());
            assertThat(view("missing_triggers")).isEqualTo("{}");
        }
    }

    @Test
    void aDroppedTriggerIsSeenWhileNoTaskRunsAndByItsResyncAfterwards() throws Exception {
        leave(USERS);
        database.execute("DROP TRIGGER \"ectowatch.shop.update\" ON users");

        assertThat(view("missing_triggers")).isEqualTo("{public.users}");
        assertThat(check())
                .anyMatch(
                        finding -> finding.startsWith("Table public.users lacks a trigger, so changes are not captured."
                                + "|Start the connector, which creates the trigger again."));
        try (CapturedLog log = new CapturedLog();
                Watching task = Watching.start(database, USERS)) {
            polling(task, () -> metrics(task).get("gaps-total") > 0);
            assertThat(metrics(task).get("resyncs-loss-total") + metrics(task).get("resyncs-table-total"))
                    .isPositive();
            assertThat(log.text()).contains("public.users").contains("resync");
            assertThat(view("missing_triggers")).isEqualTo("{}");
            assertThat(failure(task)).as("RUNNING").isNull();
        }
    }

    @Test
    void aFullJournalIsSeenEverywhereAndRememberedAsTheCauseOfTheLoss() throws Exception {
        String[] notes = {"tables=notes", "journal.max.bytes=1048576"};
        leave(notes);
        database.execute(FULL);

        assertThat(view("state || ', ' || (last_loss IS NOT NULL) || ', ' || (journal_bytes > journal_limit)"))
                .isEqualTo("suspended, true, true");
        assertThat(view("last_loss_cause")).isEqualTo("the journal reached journal.max.bytes");
        assertThat(check())
                .anyMatch(finding ->
                        finding.startsWith("The journal is suspended: changes are not captured. It is full.|Start"));
        try (CapturedLog log = new CapturedLog();
                Watching task = Watching.start(database, notes)) {
            polling(
                    task,
                    () -> metrics(task).get("journal-suspended") == 1
                            && metrics(task).get("journal-bytes")
                                    > metrics(task).get("journal-limit-bytes"));
            polling(task, () -> log.text().contains("the journal is full (journal.max.bytes)"));
            assertThat(failure(task)).as("RUNNING").isNull();
            polling(task, () -> {
                task.commit();
                return metrics(task).get("journal-suspended") == 0;
            });
            assertThat(metrics(task).get("resyncs-loss-total")).isPositive();
            assertThat(view("last_loss_cause")).isEqualTo("the journal reached journal.max.bytes");
        }
    }

    /** Connect polls, and Kafka confirms nothing. */
    @Test
    void aSlowBrokerIsSeenByWhatIsNotConfirmed() throws Exception {
        try (Watching task = Watching.start(database, USERS)) {
            database.execute("INSERT INTO users VALUES (1)");
            task.changes(1);

            polling(task, () -> metrics(task).get("uncommitted-ms") > 100);
            assertThat(metrics(task))
                    .containsEntry("connected", 1L)
                    .containsEntry("queued-bytes", 0L)
                    .containsEntry("journal-suspended", 0L);
            assertThat(view("oldest_change IS NOT NULL")).isEqualTo("t");
            assertThat(failure(task)).as("RUNNING").isNull();
            polling(task, () -> checkIfOldAfter("0.5 seconds").stream()
                    .anyMatch(
                            finding -> finding.matches("The journal has changes since .*, though a task has a session."
                                    + "\\|Look at the metrics uncommitted-ms and queued-bytes: .* Kafka slow .*")));

            task.commit();
            assertThat(metrics(task)).containsEntry("uncommitted-ms", 0L);
        }
    }

    @Test
    void aRevokedGrantIsNamedWithTheStatementThatRestoresIt() throws Exception {
        String role = connectorRole("granted");
        try (CapturedLog log = new CapturedLog();
                Watching task = Watching.start(database, "tables=users", "connection.user=" + role)) {
            database.execute(
                    "REVOKE INSERT ON ALL TABLES IN SCHEMA ectowatch FROM " + role,
                    "REVOKE TRIGGER ON users FROM " + role,
                    "INSERT INTO users VALUES (1)");

            polling(task, () -> metrics(task).get("resyncs-loss-total") > 0);
            assertThat(view("last_loss_cause")).startsWith("a trigger could not write a change");
            assertThat(check())
                    .anyMatch(finding ->
                            finding.startsWith("Role " + role + " lacks INSERT on ectowatch.\"shop.journal.0\".|"
                                    + "GRANT INSERT ON TABLE ectowatch.\"shop.journal.0\" TO " + role))
                    .contains(
                            "Role " + role + " lacks TRIGGER on table public.users, so its triggers cannot be installed"
                                    + " again.|GRANT TRIGGER ON public.users TO " + role);
            assertThat(log.text())
                    .contains("a trigger could not write to the journal (see the server's log for the reason)");
            assertThat(failure(task)).as("RUNNING").isNull();

            for (String finding : check()) {
                database.execute(finding.substring(finding.indexOf('|') + 1));
            }
            assertThat(check()).isEmpty();
        }
    }

    @Test
    void aWrongPasswordIsNamedInTheLogAndFailsTheTask() throws Exception {
        String role = connectorRole("locked_out");
        String secret = database.roleWithPassword("login", "right");
        database.execute("GRANT " + role + " TO " + secret);
        leave("tables=users", "connection.user=" + secret, "connection.password=right", "connection.role=" + role);
        try (CapturedLog log = new CapturedLog();
                Watching task = Watching.begin(
                        database,
                        "tables=users",
                        "connection.user=" + secret,
                        "connection.password=wrong",
                        "connection.role=" + role)) {
            await().until(() -> failure(task) != null);

            assertThat(failure(task))
                    .as("FAILED")
                    .startsWith(
                            "connection.password: The server rejected the password, or the role does not exist. Check"
                                    + " connection.user and connection.password.");
            assertThat(log.text()).contains("The server rejected the password");
            assertThat(metrics(task)).containsEntry("connected", 0L);
            assertThat(view("state")).isEqualTo("no session");
            assertThat(check()).singleElement().asString().contains("look at its status and its log");
        }
    }

    @Test
    void twoClustersWithOneConnectorNameAreSeenInDurableDelivery() throws Exception {
        try (CapturedLog log = new CapturedLog();
                Watching first = Watching.start(database, USERS);
                Watching second = Watching.start(database, USERS)) {
            await().until(() -> failure(first) != null);

            assertThat(failure(first))
                    .as("FAILED")
                    .matches("Another task has taken over the journal of connector shop \\(pid \\d+, role postgres,"
                            + " application_name 'ectowatch shop listen', since .*, from 127.0.0.1\\), so this task ends. If"
                            + " two Connect clusters run a connector of this name on this database, give them different"
                            + " names.");
            assertThat(log.text()).contains("Another task has taken over the journal of connector shop (pid ");
            assertThat(metrics(first)).containsEntry("fenced", 1L);
            assertThat(metrics(second)).containsEntry("fenced", 0L);
            await().until(() -> view("session_client").equals("127.0.0.1"));
            assertThat(failure(second)).as("RUNNING").isNull();
        }
    }

    @Test
    void twoClustersWithOneConnectorNameAreSeenInNotifyDelivery() throws Exception {
        try (Watching first = Watching.start(database, "tables=users", Watching.NOTIFY);
                Watching second = Watching.start(database, "tables=users", Watching.NOTIFY)) {
            await().until(() -> check().stream()
                    .anyMatch(finding -> finding.matches("Several tasks of the connector have a session: pid \\d+ from"
                            + " 127.0.0.1, pid \\d+ from 127.0.0.1.\\|.*two Connect clusters.*")));
            assertThat(failure(first)).as("RUNNING").isNull();
            assertThat(failure(second)).as("RUNNING").isNull();
        }
    }

    @Test
    void aLongTransactionThatHoldsTheJournalIsSeenWithItsPid() throws Exception {
        try (CapturedLog log = new CapturedLog();
                Watching task = Watching.start(database, "tables=users", "journal.max.bytes=1048576")) {
            Statement writer = database.begin("INSERT INTO users VALUES (0)");
            String pid = pid(writer);
            database.execute("INSERT INTO users SELECT n, 'x' FROM generate_series(1, 2000) AS n WHERE n % 2 = 1");

            polling(task, () -> check().stream()
                    .anyMatch(finding -> finding.startsWith("A transaction holds ectowatch.\"shop.journal.")
                            && finding.contains(": pid " + pid + ", role postgres")
                            && finding.endsWith("|SELECT pg_terminate_backend(" + pid + ")")));
            assertThat(metrics(task)).containsEntry("connected", 1L);
            assertThat(metrics(task).get("journal-bytes")).isPositive();
            assertThat(view("oldest_change IS NOT NULL")).isEqualTo("t");
            polling(task, () -> {
                write();
                task.commit();
                return log.text()
                        .contains("cannot empty its journal tables, because other transactions hold locks on"
                                + " them: pid " + pid);
            });
            assertThat(failure(task)).as("RUNNING").isNull();
        }
    }

    @Test
    void aPoisonRowIsSeenInTheMetricsAndNamedOnceInTheLog() throws Exception {
        leave(USERS);
        database.execute(
                "INSERT INTO users VALUES (1)",
                "INSERT INTO users VALUES (2)",
                "INSERT INTO users VALUES (3)",
                "UPDATE ectowatch.\"shop.journal.0\" SET body = '[[\"poison\"' WHERE lsn < (SELECT max(lsn) FROM"
                        + " ectowatch.\"shop.journal.0\")");
        try (CapturedLog log = new CapturedLog();
                Watching task = Watching.start(database, USERS)) {
            task.changes(all -> task.published().contains("public.users inserted [3]"));

            polling(task, () -> metrics(task).get("unreadable-changes-total") == 2);
            assertThat(metrics(task)).containsEntry("resyncs-unreadable-total", 2L);
            assertThat(log.text().split("A change of public.users in the journal cannot be read", -1))
                    .hasSize(2);
            assertThat(task.published()).contains("public.users resync");
            assertThat(view("last_loss IS NULL")).isEqualTo("t");
            assertThat(failure(task)).as("RUNNING").isNull();
        }
    }

    private int written = 10_000;

    private void write() {
        try {
            database.execute("INSERT INTO users SELECT n, 'x' FROM generate_series(" + written + ", " + (written + 1998)
                    + ", 2) AS n");
            written += 2000;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private String connectorRole(String purpose) throws SQLException {
        String role = database.role(purpose);
        database.execute(
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + role, "GRANT TRIGGER ON users TO " + role);
        return role;
    }

    private void leave(String... settings) throws Exception {
        Watching.start(database, settings).close();
        database.awaitNoTask();
    }

    private static void polling(Watching task, BooleanSupplier condition) {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            task.poll();
            return condition.getAsBoolean();
        });
    }

    /** The message with which the task is FAILED in Connect; null while it is RUNNING. */
    private static @Nullable String failure(Watching task) throws InterruptedException {
        try {
            task.poll();
            return null;
        } catch (ConnectException e) {
            return e.getMessage();
        }
    }

    private static Map<String, Long> metrics(Watching task) {
        return task.metrics().values(true);
    }

    private String view(String columns) {
        return String.valueOf(
                seen("SELECT " + columns + " FROM ectowatch.status").get(0));
    }

    private List<String> check() {
        return seen("SELECT problem || '|' || remedy FROM ectowatch.check('shop')");
    }

    /** As if the time that counts as long were that. */
    private List<String> checkIfOldAfter(String interval) {
        try {
            database.execute(
                    "DO $$ BEGIN EXECUTE replace(pg_get_functiondef('ectowatch.connectors(text)'::regprocedure),"
                            + " '''10 minutes''', '''" + interval + "'''); END $$");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return check();
    }

    private static String pid(Statement session) throws SQLException {
        try (ResultSet row = session.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getString(1);
        }
    }

    private List<String> seen(String sql) {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database.connectAs(monitor);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return rows;
    }
}
