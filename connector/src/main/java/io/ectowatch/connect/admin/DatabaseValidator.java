package io.ectowatch.connect.admin;

import io.ectowatch.connect.backfill.ReadAccess;
import io.ectowatch.connect.backfill.ReadPrivileges;
import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.install.Provisioner.Findings;
import io.ectowatch.connect.log.ContextThread;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.Failure;
import io.ectowatch.connect.postgres.PoolerCheck;
import io.ectowatch.connect.postgres.SessionLimits;
import io.ectowatch.connect.wiring.Components;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Validates a configuration against its database: the server can be reached, is suitable, and has everything that the
 * configuration names.
 */
public final class DatabaseValidator {

    private static final Logger log = LoggerFactory.getLogger(DatabaseValidator.class);

    /** For each single answer of the server. */
    private static final int ANSWER_MS = 4_000;

    /**
     * For the whole validation: a URL may list several hosts, and each may be slow to fail. The REST user waits for
     * this.
     */
    private static final int TOTAL_MS = 8_000;

    private DatabaseValidator() {}

    /**
     * The problems, each on the setting that causes it; or the SQL, if that is requested. Changes nothing in the
     * database.
     */
    public static Findings findings(ConnectorConfig config) {
        return findings(config, connection -> {}, () -> {});
    }

    /**
     * Like {@link #findings(ConnectorConfig)}.
     *
     * @param afterwards what else to do with the connection when the findings are complete, in another thread
     * @param end called there at last, also if there was no connection
     */
    static Findings findings(ConnectorConfig config, Consumer<Connection> afterwards, Runnable end) {
        CompletableFuture<Findings> answer = new CompletableFuture<>();
        Thread thread = ContextThread.create("ectowatch-validation", () -> {
            try {
                ask(config, answer, afterwards);
            } catch (SQLException e) {
                Failure meaning = Failure.of(e);
                answer.complete(refused(meaning.setting(), meaning.message()));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            } finally {
                end.run();
            }
        });
        thread.start();
        try {
            return answer.get(TOTAL_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return refused(
                    "connection.url",
                    "The database did not answer within " + TOTAL_MS / 1000
                            + " seconds. Check host and port, and check that no firewall drops the packets.");
        } catch (ExecutionException e) {
            log.error(
                    "Connector {}: the validation against the database failed unexpectedly.",
                    config.name(),
                    e.getCause());
            return refused(
                    "connection.url",
                    "The configuration could not be validated against the database: "
                            + Objects.requireNonNullElse(e.getCause(), e).getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return refused("connection.url", "The validation against the database was interrupted.");
        }
    }

    private static void ask(ConnectorConfig config, CompletableFuture<Findings> answer, Consumer<Connection> afterwards)
            throws SQLException {
        if (config.delivery().mode() == DeliveryMode.NOTIFY) {
            // A Connect validation can only return errors, not warnings.
            log.warn(
                    "Connector {}: with delivery.mode=notify, any role that can connect to the database can read and"
                            + " forge notifications. Use delivery.mode=durable if not all roles are trusted.",
                    config.name());
        }
        Connections connections =
                new Connections(Components.connectionSettings(config).within(ANSWER_MS));
        try (Connection connection = connections.open()) {
            answer.complete(ask(config, connections, connection));
            afterwards.accept(connection);
        }
    }

    private static Findings ask(ConnectorConfig config, Connections connections, Connection connection)
            throws SQLException {
        SessionLimits.check(connection);
        checkPooler(connections, connection);
        Provisioner provisioner = Components.provisioner(config);
        Findings findings = provisioner.check(connection);
        if (!findings.problems().isEmpty()
                || Components.backfills(config).isEmpty()
                || provisioner.readAccess() == ReadAccess.FUNCTIONS) {
            return findings;
        }
        List<ConfigProblem> unreadable = ReadPrivileges.missing(connection, provisioner.tables(connection));
        return unreadable.isEmpty() ? findings : new Findings(unreadable, Optional.empty());
    }

    /** Needs a second connection for a moment. If the limit of connections is reached, only the task checks this. */
    private static void checkPooler(Connections connections, Connection connection) throws SQLException {
        Connection second;
        try {
            second = connections.open();
        } catch (SQLException e) {
            return;
        }
        try (second) {
            PoolerCheck.check(connection, second);
        }
    }

    private static Findings refused(String setting, String message) {
        return new Findings(List.of(new ConfigProblem(setting, message)), Optional.empty());
    }
}
