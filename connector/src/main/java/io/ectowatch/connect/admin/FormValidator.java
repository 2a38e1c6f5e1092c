package io.ectowatch.connect.admin;

import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.DeliveryFragment;
import io.ectowatch.connect.config.InstallFragment;
import io.ectowatch.connect.config.WatcherTables;
import io.ectowatch.connect.install.Provisioner.Findings;
import io.ectowatch.connect.log.ContextThread;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.wiring.Components;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.config.ConfigValue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The response to a validation: a value for each setting, with its problems, and with what the database has to choose
 * from. The choices are read also for a configuration with problems, as a form sends it while it is filled in; without
 * them the response is the same otherwise.
 */
public final class FormValidator {

    private static final Logger log = LoggerFactory.getLogger(FormValidator.class);

    /** For each single answer of the server, if the configuration has problems, in milliseconds. */
    private static final int ANSWER_MS = 2_000;

    /** For all choices, in milliseconds: the REST user waits for them. */
    private static final int CHOICES_MS = 3_000;

    /** For the whole validation, in milliseconds. */
    private static final int TOTAL_MS = 9_000;

    private final Map<String, String> props;
    private final long start = System.nanoTime();
    private final CompletableFuture<Map<String, List<String>>> choices = new CompletableFuture<>();

    /** @param props the settings as Connect passes them */
    public FormValidator(Map<String, String> props) {
        this.props = props;
    }

    /**
     * Validates the settings alone and then, if they are valid, against the database: within ten seconds, and without any
     * DDL. The value of {@code install.sql} is the SQL if that is requested. Never throws.
     */
    public List<ConfigValue> values() {
        List<ConfigValue> values = ConnectorConfig.validate(props);
        if (values.stream().allMatch(value -> value.errorMessages().isEmpty())) {
            Findings found = DatabaseValidator.findings(new ConnectorConfig(props), this::read, this::end);
            found.script().ifPresent(sql -> values.stream()
                    .filter(value -> value.name().equals(InstallFragment.SQL_KEY))
                    .forEach(value -> value.value(sql)));
            return ConnectorConfig.withChoices(ConnectorConfig.withProblems(values, found.problems()), choices());
        }
        ConnectorConfig.ofConnection(props).ifPresentOrElse(this::ask, this::end);
        return ConnectorConfig.withChoices(values, choices());
    }

    private void ask(ConnectorConfig config) {
        Connections connections =
                new Connections(Components.connectionSettings(config).within(ANSWER_MS));
        Thread thread = ContextThread.create("ectowatch-choices", () -> {
            try (Connection connection = connections.open()) {
                read(connection);
            } catch (SQLException e) {
                // The choices are complete, or the settings of the connection do not work yet.
                log.debug("There was no connection to read choices from: SQLSTATE {}", e.getSQLState());
            } finally {
                end();
            }
        });
        thread.start();
    }

    private void read(Connection connection) {
        String schema = props.get(DeliveryFragment.SCHEMA_CONFIG);
        choices.complete(new CatalogChoices(
                        connection,
                        schema == null ? DeliveryFragment.SCHEMA_DEFAULT : schema.strip(),
                        WatcherTables.patterns(props))
                .read());
    }

    /** Ends the wait for the choices. Those that were read before remain. */
    private void end() {
        choices.complete(Map.of());
    }

    private Map<String, List<String>> choices() {
        long left = TOTAL_MS - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        try {
            return choices.get(Math.max(0, Math.min(CHOICES_MS, left)), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return Map.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Map.of();
        }
    }
}
