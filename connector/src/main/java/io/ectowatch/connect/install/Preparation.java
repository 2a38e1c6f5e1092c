package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.Server;
import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.catalog.Watchlist;
import io.ectowatch.connect.config.InstallFragment;
import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.config.Problem;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.config.Watcher;
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
 * From what the user asked for to triggers: looks at the server, finds the tables, and begins the installation, holds it
 * against what is there, or writes it down.
 *
 * @param names the names of the connector's objects
 * @param watchers what the user asked for
 * @param topics how topics are named
 * @param journal for durable delivery; empty for notify
 * @param tablePollMs how often to look for new, changed and dropped tables, in milliseconds
 * @param options how the connector's objects come into the database
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
     * What has been found, and what is being installed for it.
     *
     * @param tables the watched tables
     * @param installation to be advanced until it is done
     */
    public record Prepared(List<WatchedTable> tables, Installation installation) {}

    /**
     * What a look at the database gives.
     *
     * @param problems what the user has to mend first, each on its setting
     * @param script the SQL that makes all that is needed; empty unless it is asked for and there is no problem
     */
    public record Findings(List<Problem> problems, Optional<String> script) {

        private static Findings refused(List<Problem> problems) {
            return new Findings(problems, Optional.empty());
        }
    }

    /**
     * @param connection in autocommit
     * @throws ConnectException when the user has to mend something; the message has every problem with its setting
     * @throws SQLException when the database does not answer, or refuses
     */
    public Prepared prepare(Connection connection, Installation.Pause pause) throws SQLException, InterruptedException {
        Server server = Server.read(connection, names.schema());
        if (server.standby()) {
            // In a failover the address may lead to a standby for a while: that passes.
            throw new SQLException("the server is a standby", "25006");
        }
        refuse(server.problems(names.schema(), installs()));
        warn(server);
        Watchlist watchlist = watchlist(connection, server);
        refuse(watchlist.problems());
        watchlist.leftOut().forEach(reason -> log.warn("Left out of a pattern in tables: {}", reason));
        if (installs()) {
            Installation installation =
                    Installation.begin(connection, names, journal, watchlist.tables(), options, pause);
            refuse(ungranted(watchlist, installation::makesTriggersOn));
            return new Prepared(watchlist.tables(), installation);
        }
        refuse(differences(connection, watchlist.tables(), server.role()));
        return new Prepared(watchlist.tables(), Installation.found(connection, names, options, pause));
    }

    /** Looks without changing anything; {@code connection}: in autocommit. */
    public Findings check(Connection connection) throws SQLException {
        Server server = Server.read(connection, names.schema());
        List<Problem> problems = server.problems(names.schema(), installs());
        if (!problems.isEmpty()) {
            return Findings.refused(problems);
        }
        if (journal.isEmpty() && server.preparesTransactions()) {
            // Connect's validation has no place for a warning but an error.
            log.warn(
                    "Connector {}: this server allows prepared transactions (max_prepared_transactions > 0). With"
                            + " delivery.mode=notify, PREPARE TRANSACTION fails in every transaction that has changed a"
                            + " watched table. Use delivery.mode=durable where applications prepare transactions.",
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

    /** Once for each connector of the worker: the catalog is read again and again. */
    private void warn(Server server) {
        if (!server.utf8() && WARNED.add(names.connector() + " encoding " + server.database())) {
            log.warn(
                    "Database {} has the encoding SQL_ASCII. A change with a text that is not valid UTF-8 cannot be published;"
                            + " a resync of its table takes its place. Tables are not watched whose name, schema, owner or"
                            + " columns have a name that is not valid UTF-8.",
                    server.database());
        }
        if (server.superuser() && WARNED.add(names.connector() + " superuser " + server.role())) {
            log.warn(
                    "Role {} is a superuser. The functions of the triggers, and what conditions call, run with its rights."
                            + " Use a role that has only CREATE on the database and TRIGGER on the watched tables.",
                    server.role());
        }
    }

    /**
     * Looks whether what is there of the connector's may be read at all.
     *
     * @throws ConnectException when something is not the connector's own, or not as it made it
     */
    public void checkObjects(Connection connection) throws SQLException {
        Watchlist watchlist = watchlist(connection, Server.read(connection, names.schema()));
        refuse(Foundation.problems(connection, names, journal, watchlist.tables(), options.mode()));
    }

    /** Whether the connector makes its objects itself. */
    public boolean installs() {
        return options.mode() == InstallMode.APPLY;
    }

    /** Privileges are asked for only where triggers have to be made. */
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
                "The database is not as install.mode=print would have it. It takes: "
                        + differences.stream().limit(MOST_DIFFERENCES).collect(Collectors.joining("; "))
                        + (more > 0 ? "; and " + more + " more" : "")
                        + ". Get the whole SQL by install.mode=print, have it run, and try again."));
    }

    static void refuse(List<Problem> problems) {
        if (!problems.isEmpty()) {
            throw new ConnectException(problems.stream()
                    .map(problem -> problem.setting() + ": " + problem.message())
                    .collect(Collectors.joining(" ")));
        }
    }
}
