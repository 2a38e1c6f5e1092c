package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ConnectorStatus.Part;
import io.ectowatch.testkit.Stack;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a real worker's status, and the view in the database, say of a stopped connector and of one with a wrong password. */
@ExtendWith(StackExtension.class)
class FaultyConnectorIT {

    private final Stack stack;

    FaultyConnectorIT(Stack stack) {
        this.stack = stack;
    }

    @Test
    void aStoppedConnectorAndAWrongPasswordAreNamedByStatusAndView() throws Exception {
        try (TestDatabase database = new TestDatabase(stack)) {
            String role = "keeper_" + database.name();
            database.execute(
                    "CREATE TABLE crates (id int PRIMARY KEY)",
                    "CREATE ROLE " + role + " LOGIN PASSWORD 'right'",
                    "GRANT CREATE ON DATABASE " + database.name() + " TO " + role,
                    "GRANT TRIGGER ON crates TO " + role);
            Map<String, String> config = database.watching("crates");
            config.put("connection.user", role);
            config.put("connection.password", "right");
            database.createConnector("locked", config);
            String connector = database.connector("locked");
            ConnectRest rest = stack.connect().rest();

            rest.stop(connector);
            rest.waitUntil(connector, "STOPPED");
            await().untilAsserted(() -> assertThat(state(database)).isEqualTo("no session"));

            database.execute("ALTER ROLE " + role + " PASSWORD 'other'");
            rest.resume(connector);
            await().atMost(Duration.ofMinutes(2)).until(() -> rest.status(connector).tasks().stream()
                    .anyMatch(task -> task.state().equals("FAILED")));

            Part task = rest.status(connector).tasks().get(0);
            assertThat(task.trace())
                    .contains("connection.password: The server rejected the password, or the role does not exist. Check"
                            + " connection.user and connection.password.")
                    .doesNotContain("org.postgresql");
            assertThat(state(database)).isEqualTo("no session");
        }
    }

    private static String state(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT state FROM ectowatch.status")) {
            row.next();
            return row.getString(1);
        }
    }
}
