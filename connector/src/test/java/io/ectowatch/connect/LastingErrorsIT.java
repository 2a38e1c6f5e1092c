package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.time.Duration;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An error that begins while the task works: the log names its cause at once, and after a while the task fails with it. */
class LastingErrorsIT {

    private static final Duration LIMIT = Duration.ofMillis(600);

    @NewDatabase
    private TestDatabase database;

    private String role;

    @BeforeEach
    void aRoleWithAPassword() throws Exception {
        role = database.roleWithPassword("app", "first");
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY)",
                "GRANT TRIGGER, SELECT ON users TO " + role,
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + role);
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void aPasswordThatIsChangedIsNamedAtOnceAndFailsTheTask(String delivery) throws Exception {
        failsWith(
                delivery,
                "ALTER ROLE " + role + " PASSWORD 'second'",
                "connection.password: The server rejected the password");
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void aRoleThatMayNotLogInAnyMoreIsNamedAtOnceAndFailsTheTask(String delivery) throws Exception {
        failsWith(
                delivery,
                "ALTER ROLE " + role + " NOLOGIN",
                "connection.user: The server rejected this role: FATAL: role \"" + role
                        + "\" is not permitted to log in");
    }

    private void failsWith(String delivery, String change, String reason) throws Exception {
        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.begin(
                        database,
                        LIMIT,
                        "tables=users",
                        "delivery.mode=" + delivery,
                        "connection.user=" + role,
                        "connection.password=first")) {
            watching.awaitInstalled();
            database.execute(
                    change, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + role + "'");
            assertThatThrownBy(() -> watching.changes(1))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageStartingWith(reason)
                    .hasMessageContaining("Fix its cause, then restart the task.");
            // The first attempt is the session that was ended.
            String message = reason.substring(reason.indexOf(": ") + 2);
            assertThat(log.text().lines())
                    .anyMatch(line -> line.contains("WARN") && line.contains(message) && line.contains("(attempt 2)"));
        }
    }
}
