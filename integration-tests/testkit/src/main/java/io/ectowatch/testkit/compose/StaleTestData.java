package io.ectowatch.testkit.compose;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.Stack;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * Removes connectors, databases and topics of earlier tests from running services. Keeps those of the demonstration.
 */
final class StaleTestData {

    private static final Pattern CONNECTOR = Pattern.compile("test\\d+-.*");
    private static final Pattern TOPIC_TO_KEEP =
            Pattern.compile("__.*|connect-.*|ectowatch\\.(customers|orders|order_items)\\..*");

    private final Stack stack;

    StaleTestData(Stack stack) {
        this.stack = stack;
    }

    void remove() {
        ConnectRest rest = stack.connect().rest();
        rest.connectors().stream().filter(CONNECTOR.asMatchPredicate()).forEach(rest::delete);
        try {
            dropDatabases();
            deleteTopics();
        } catch (SQLException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("cannot remove the objects of earlier tests", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while removing the objects of earlier tests", e);
        }
    }

    private void dropDatabases() throws SQLException {
        try (Connection connection = stack.postgres().connect();
                Statement statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (ResultSet rows =
                    statement.executeQuery("SELECT datname FROM pg_database WHERE datname ~ '^test\\d+$'")) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            for (String name : names) {
                statement.execute("DROP DATABASE " + name + " WITH (FORCE)");
            }
            statement.execute("DROP TABLE IF EXISTS kept");
        }
    }

    private void deleteTopics() throws ExecutionException, InterruptedException, TimeoutException {
        Map<String, Object> settings =
                Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, stack.kafka().bootstrapServers());
        try (Admin admin = Admin.create(settings)) {
            List<String> topics = admin.listTopics().names().get(30, TimeUnit.SECONDS).stream()
                    .filter(TOPIC_TO_KEEP.asMatchPredicate().negate())
                    .toList();
            admin.deleteTopics(topics).all().get(30, TimeUnit.SECONDS);
        }
    }
}
