package io.ectowatch.connect.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An error that comes back each time ends the loop after a while; one that can pass does not. */
class SessionLoopIT {

    private static final Duration LIMIT = Duration.ofMillis(500);

    @NewDatabase
    private TestDatabase database;

    private final AtomicInteger attempts = new AtomicInteger();
    private volatile String statement;
    private volatile boolean worked;
    private SessionLoop loop;

    @AfterEach
    void close() {
        loop.stop();
    }

    private void loop(String first, Duration limit) {
        statement = first;
        loop = new SessionLoop("test", this::session, limit);
        loop.start();
    }

    /** Each session works for a moment, like that of a task that then reads a row which it cannot read. */
    private void session() throws SQLException, InterruptedException {
        attempts.incrementAndGet();
        try (Connection connection = database.connect();
                Statement sql = connection.createStatement()) {
            loop.established();
            sql.execute(statement);
            worked = true;
            while (loop.pause(10)) {
                sql.execute("SELECT");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT 1 / 0 | division by zero (SQLSTATE 22012)",
                "SELECT FROM nowhere | relation \"nowhere\" does not exist (SQLSTATE 42P01)",
                "DO $$ BEGIN RAISE 'no' USING ERRCODE = 'XX001'; END $$ | PostgreSQL reports damaged data: ERROR: no (SQLSTATE XX001)",
                "DO $$ BEGIN RAISE 'no' USING ERRCODE = '58P01'; END $$ | no (SQLSTATE 58P01)",
                "DO $$ BEGIN RAISE 'no' USING ERRCODE = '53400'; END $$ | no (SQLSTATE 53400)",
                "SET statement_timeout = 1; SELECT pg_sleep(9) | statement timeout. If that was a timeout, raise",
                "DO $$ BEGIN RAISE 'an event trigger forbids it'; END $$ | an event trigger forbids it (SQLSTATE P0001)"
            })
    void aLastingErrorEndsTheLoopWithItsReasonAlsoAfterASessionHasWorked(String sql, String reason) {
        loop(sql, LIMIT);
        await().until(() -> loop.failure() != null);
        assertThat(attempts.get()).as("it is tried again before").isGreaterThan(1);
        assertThat(loop.failure()).hasMessageContaining(reason).hasMessageContaining("Fix its cause");
    }

    @ParameterizedTest
    @CsvSource({"57P01", "40001", "55P03", "53100", "25006", "08006"})
    void aPassingErrorIsRetriedForever(String state) {
        loop("DO $$ BEGIN RAISE 'for now' USING ERRCODE = '" + state + "'; END $$", LIMIT);
        // The waits between the attempts double: the fifth comes after more than the limit.
        await().until(() -> attempts.get() >= 5);
        // A session that has just begun has no trouble yet.
        await().until(() -> loop.trouble().contains("for now"));
        assertThat(loop.failure()).isNull();
    }

    @Test
    void anErrorThatIsFixedInTimeDoesNotEndTheLoop() {
        loop("SELECT 1 / 0", Duration.ofHours(1));
        await().until(() -> attempts.get() >= 2);
        statement = "SELECT";
        await().until(() -> worked);
        assertThat(loop.failure()).isNull();
    }
}
