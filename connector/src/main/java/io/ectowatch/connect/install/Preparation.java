package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.Server;
import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.catalog.Watchlist;
import io.ectowatch.connect.config.InstallFragment;
import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.config.Problem;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.config.Watcher;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from the user's settings to triggers: it checks the server, finds the tables, and starts the installation,
 * verifies it, or prints its SQL.
 *
 * @param names the names of the connector's objects
 * @param watchers the configured watchers
 * @param topics the format of topic names
 * @param journal for durable delivery; empty for notify
 * @param tablePollMs how often to check for new, changed and dropped tables, in milliseconds
 * @param options how the connector's objects are installed
 */
public record Preparation(
        ObjectNames names,
        List<Watcher> watchers,
        TopicFormat topics,
        Optional<JournalSettings> journal,
        long tablePollMs,
        InstallOptions options) {

    private static final Logger log = LoggerFactory.getLogger(Preparation.class);

    private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

    private static final int MOST_DIFFERENCES = 20;

    /**
     * The watched tables, and the installation for them.
     *
     * @param tables the watched tables
     * @param installation to be advanced until it is done
     */
    public record Prepared(List<WatchedTable> tables, Installation installation) {}

    /**
     * The result of a check of the database.
     *
     * @param problems what the user has to fix first, each on its setting
     * @param script the SQL that creates everything; empty unless it is requested and there is no problem
     */
    public record Findings(List<Problem> problems, Optional<String> script) {

        private static Findings refused(List<Problem> problems) {
            return new Findings(problems, Optional.empty());
        }
    }

    /**
     * @param connection in autocommit mode
     * @throws ConnectException if the user has to fix something; the message has every problem with its setting
     * @throws SQLException if the database does not answer, or reports an error
     */
    public Prepared prepare(Connection connection, Installation.Pause pause) throws SQLException, InterruptedException {
        Server server = Server.read(connection, names.schema());
        if (server.standby()) {
            // During a failover the address may lead to a standby for a while: retry.
            throw new SQLException("the server is a standby", "25006");
        }
        refuse(server.problems(names.schema(), installs()));
        warn(server);
        Watchlist watchlist = watchlist(connection, server);
        refuse(watchlist.problems());
        watchlist.leftOut().forEach(reason -> log.warn("Skipped a table that matches a pattern: {}", reason));
        if (installs()) {
            Installation installation =
                    Installation.begin(connection, names, journal, watchlist.tables(), options, pause);
            refuse(ungranted(watchlist, installation::makesTriggersOn));
            return new Prepared(watchlist.tables(), installation);
        }
        refuse(differences(connection, watchlist.tables(), server.role()));
        return new Prepared(watchlist.tables(), Installation.found(connection, names, options, pause));
    }

    /** Checks without changing anything. {@code connection} is in autocommit mode. */
    public Findings check(Connection connection) throws SQLException {
        Server server = Server.read(connection, names.schema());
        List<Problem> problems = server.problems(names.schema(), installs());
        if (!problems.isEmpty()) {
            return Findings.refused(problems);
        }
        if (journal.isEmpty() && server.preparesTransactions()) {
            // A Connect validation can only return errors, not warnings.
            log.warn(
                    "Connector {}: this server allows prepared transactions (max_prepared_transactions > 0). With"
                            + " delivery.mode=notify, PREPARE TRANSACTION fails in every transaction that has changed a"
                            + " watched table. Use delivery.mode=durable if applications prepare transactions.",
                    names.connector());
        }
        warn(server);
        Watchlist watchlist = watchlist(connection, server);
        if (!watchlist.problems().isEmpty()) {
            return Findings.refused(watchlist.problems());
        }
        if (options.mode() == InstallMode.VERIFY) {
            return Findings.refused(differences(connection, watchlist.tables(), server.role()));
        }
        Requirements requirements = Requirements.read(connection, names, journal, watchlist.tables(), options);
        if (installs() || !requirements.problems().isEmpty()) {
            List<Problem> all = new ArrayList<>(requirements.problems());
            if (all.isEmpty() && requirements.missingFoundation().isEmpty()) {
                List<Step> steps = requirements.missing();
                all.addAll(
                        ungranted(watchlist, table -> steps.stream().anyMatch(step -> step.createsTriggersOn(table))));
            }
            return Findings.refused(all);
        }
        return new Findings(
                List.of(),
                Optional.of(requirements.script(
                        server.database(),
                        new RolePrivileges(names, journal, watchlist.tables(), server.role()).grants())));
    }

    /** Once for each connector of the worker, since the catalog is read repeatedly. */
    private void warn(Server server) {
        if (!server.utf8() && WARNED.add(names.connector() + " encoding " + server.database())) {
            log.warn(
                    "Database {} has the encoding SQL_ASCII. A change with a text that is not valid UTF-8 cannot be"
                            + " published: a resync of its table is published instead. A table is not watched if its"
                            + " name, schema, owner or a column has a name that is not valid UTF-8.",
                    server.database());
        }
        if (server.superuser() && WARNED.add(names.connector() + " superuser " + server.role())) {
            log.warn(
                    "Role {} is a superuser. The triggers' functions, and the functions that conditions call, run with"
                            + " its rights. Use a role that has only CREATE on the database and TRIGGER on the watched"
                            + " tables.",
                    server.role());
        }
    }

    /**
     * Checks whether the connector's existing objects may be read.
     *
     * @throws ConnectException if an object is not the connector's own, or was changed
     */
    public void checkObjects(Connection connection) throws SQLException {
        Watchlist watchlist = watchlist(connection, Server.read(connection, names.schema()));
        refuse(Foundation.problems(connection, names, journal, watchlist.tables(), options.mode()));
    }

    /** Whether the connector creates its objects itself. */
    public boolean installs() {
        return options.mode() == InstallMode.APPLY;
    }

    /** Privileges are needed only where triggers have to be created. */
    private static List<Problem> ungranted(Watchlist watchlist, LongPredicate makesTriggersOn) {
        return watchlist.ungranted().entrySet().stream()
                .filter(table -> makesTriggersOn.test(table.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    private Watchlist watchlist(Connection connection, Server server) throws SQLException {
        return Watchlist.read(
                connection,
                watchers,
                topics,
                names.schema(),
                Marker.beginning(names.connector()),
                server.role(),
                installs());
    }

    private List<Problem> differences(Connection connection, List<WatchedTable> tables, String role)
            throws SQLException {
        List<Problem> problems = Foundation.problems(connection, names, journal, tables, options.mode());
        if (!problems.isEmpty()) {
            return problems;
        }
        List<String> differences =
                new ArrayList<>(new RolePrivileges(names, journal, tables, role).missing(connection));
        if (differences.isEmpty()) {
            Requirements requirements = Requirements.read(connection, names, journal, tables, options);
            if (!requirements.problems().isEmpty()) {
                return requirements.problems();
            }
            differences.addAll(requirements.differences());
        }
        if (differences.isEmpty()) {
            return List.of();
        }
        int more = differences.size() - MOST_DIFFERENCES;
        return List.of(new Problem(
                InstallFragment.MODE_CONFIG,
                "The installation differs from the SQL of install.mode=print. Missing statements: "
                        + differences.stream().limit(MOST_DIFFERENCES).collect(Collectors.joining("; "))
                        + (more > 0 ? "; and " + more + " more" : "")
                        + ". Get the whole SQL with install.mode=print, run it, and try again."));
    }

    static void refuse(List<Problem> problems) {
        if (!problems.isEmpty()) {
            throw new ConnectException(problems.stream()
                    .map(problem -> problem.setting() + ": " + problem.message())
                    .collect(Collectors.joining(" ")));
        }
    }
}
