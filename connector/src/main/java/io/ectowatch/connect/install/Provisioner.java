package io.ectowatch.connect.install;

import io.ectowatch.connect.backfill.ReadAccess;
import io.ectowatch.connect.catalog.Server;
import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.config.Watcher;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.install.objects.BaseObjects;
import io.ectowatch.connect.install.objects.JournalSettings;
import io.ectowatch.connect.install.objects.RolePrivileges;
import io.ectowatch.connect.install.plan.InstallOptions;
import io.ectowatch.connect.install.plan.InstalledFunction;
import io.ectowatch.connect.install.plan.Pause;
import io.ectowatch.connect.install.plan.Step;
import io.ectowatch.connect.install.plan.Unwatched;
import io.ectowatch.connect.postgres.SqlStates;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.AbsentTables;
import io.ectowatch.connect.watch.ResolvedWatchers;
import io.ectowatch.connect.watch.TableProblem;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
 * @param tablesMax the largest number of tables to watch
 * @param topics the format of topic names
 * @param journal for durable delivery; empty for notify
 * @param tablePollMs how often to check for new, changed and dropped tables, in milliseconds
 * @param options how the connector's objects are installed
 */
public record Provisioner(
        ObjectNames names,
        List<Watcher> watchers,
        int tablesMax,
        TopicFormat topics,
        Optional<JournalSettings> journal,
        long tablePollMs,
        InstallOptions options) {

    private static final Logger log = LoggerFactory.getLogger(Provisioner.class);

    /**
     * The watched tables, and the installation for them.
     *
     * @param tables the watched tables
     * @param troubles why further tables cannot be watched now, by their names
     * @param left tables that were watched and that no pattern matches any more, by their names
     * @param installation to be advanced until it is done
     */
    public record Prepared(
            List<WatchedTable> tables, Map<String, String> troubles, Set<String> left, PendingSteps installation) {}

    /**
     * The result of a check of the database.
     *
     * @param problems what the user has to fix first, each on its setting
     * @param script the SQL that creates everything; empty unless it is requested and there is no problem
     */
    public record Findings(List<ConfigProblem> problems, Optional<String> script) {

        private static Findings refused(List<ConfigProblem> problems) {
            return new Findings(problems, Optional.empty());
        }
    }

    /**
     * @param connection in autocommit mode
     * @throws ConnectException if the user has to fix something; the message has every problem with its setting
     * @throws SQLException if the database does not answer, or reports an error
     */
    public Prepared prepare(Connection connection, Pause pause) throws SQLException, InterruptedException {
        Server server = Server.read(connection, names.schema());
        if (server.standby()) {
            // During a failover the address may lead to a standby for a while: retry.
            throw new SQLException("the server is a standby", SqlStates.READ_ONLY);
        }
        Refusal.ifAny(server.problems(names.schema(), installs()));
        warnings().of(server);
        Set<String> former = InstalledFunction.tables(connection, names);
        ResolvedWatchers watchlist = watchlist(connection, server, former);
        if (!options.goesOn()) {
            Refusal.ifAny(watchlist.refusals(Set.of()));
        }
        warnings().ofSkipped(watchlist);
        if (!installs()) {
            return verify(connection, former, watchlist, server.role(), pause);
        }
        return install(connection, former, watchlist, pause);
    }

    private Prepared verify(
            Connection connection, Set<String> former, ResolvedWatchers watchlist, String role, Pause pause)
            throws SQLException {
        List<WatchedTable> tables = watchlist.sound();
        List<TableProblem> problems = new ArrayList<>(watchlist.problems());
        Unwatched unwatched = unwatched(former, tables, problems);
        if (options.goesOn()) {
            problems.addAll(ungranted(watchlist, tables, any -> true));
            problems.addAll(InstallationVerifier.left(unwatched));
            tables = without(tables, problems);
            problems.addAll(verifier().differingTables(connection, tables, unwatched(former, tables, problems), role));
            tables = without(tables, problems);
            unwatched = unwatched(former, tables, problems);
        } else {
            Refusal.ifAny(verifier().problems(connection, tables, unwatched, role));
        }
        return prepared(tables, problems, unwatched, PendingSteps.found(connection, names, options, pause));
    }

    private static List<WatchedTable> without(List<WatchedTable> tables, List<TableProblem> problems) {
        Set<String> excluded =
                problems.stream().flatMap(problem -> problem.tables().stream()).collect(Collectors.toSet());
        return tables.stream()
                .filter(table -> !excluded.contains(table.shape().name().toString()))
                .toList();
    }

    private Prepared install(Connection connection, Set<String> former, ResolvedWatchers watchlist, Pause pause)
            throws SQLException, InterruptedException {
        List<WatchedTable> tables = watchlist.sound();
        List<TableProblem> problems = new ArrayList<>(watchlist.problems());
        while (true) {
            Unwatched unwatched = unwatched(former, tables, problems);
            PendingSteps installation =
                    PendingSteps.begin(connection, names, journal, tables, unwatched, options, pause);
            List<TableProblem> ungranted = ungranted(watchlist, tables, installation::makesTriggersOn);
            if (ungranted.isEmpty()) {
                return prepared(tables, problems, unwatched, installation);
            }
            if (!options.goesOn()) {
                Refusal.ifAny(ungranted.stream().map(TableProblem::problem).toList());
            }
            problems.addAll(ungranted);
            tables = without(tables, ungranted);
        }
    }

    private Unwatched unwatched(Set<String> former, List<WatchedTable> tables, List<TableProblem> problems) {
        return Unwatched.of(former, absentTables(), tables, problems);
    }

    private static Prepared prepared(
            List<WatchedTable> tables, List<TableProblem> problems, Unwatched unwatched, PendingSteps installation) {
        Map<String, String> troubles = new TreeMap<>();
        problems.forEach(problem -> problem.tables()
                .forEach(table -> troubles.putIfAbsent(table, problem.problem().text())));
        return new Prepared(tables, troubles, unwatched.left(), installation);
    }

    /** The tables that the settings ask for, should they not be watched. */
    public AbsentTables absentTables() {
        return new AbsentTables(watchers, topics);
    }

    /** Checks without changing anything. {@code connection} is in autocommit mode. */
    public Findings check(Connection connection) throws SQLException {
        Server server = Server.read(connection, names.schema());
        List<ConfigProblem> problems = server.problems(names.schema(), installs());
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
        warnings().of(server);
        Set<String> former = InstalledFunction.tables(connection, names);
        ResolvedWatchers watchlist = watchlist(connection, server, former);
        List<ConfigProblem> refusals = watchlist.refusals(options.goesOn() ? former : Set.of());
        if (!refusals.isEmpty()) {
            return Findings.refused(refusals);
        }
        List<WatchedTable> tables = watchlist.sound();
        Unwatched unwatched = unwatched(former, tables, watchlist.problems());
        if (options.mode() == InstallMode.VERIFY) {
            return Findings.refused(verifier().problems(connection, tables, unwatched, server.role()));
        }
        DesiredState desiredState = DesiredState.read(connection, names, journal, tables, unwatched, options);
        if (installs() || !desiredState.problems().isEmpty()) {
            List<ConfigProblem> all = new ArrayList<>(desiredState.problems());
            if (all.isEmpty() && desiredState.missingFoundation().isEmpty()) {
                List<Step> steps = desiredState.missing();
                ungranted(watchlist, tables, table -> steps.stream().anyMatch(step -> step.createsTriggersOn(table)))
                        .forEach(lacking -> all.add(lacking.problem()));
            }
            return Findings.refused(all);
        }
        return new Findings(
                List.of(),
                Optional.of(desiredState.script(
                        server.database(),
                        new RolePrivileges(names, journal, tables, server.role()).grants(connection))));
    }

    /**
     * Checks whether the connector's existing objects may be read.
     *
     * @throws ConnectException if an object is not the connector's own, or was changed
     */
    public void checkObjects(Connection connection) throws SQLException {
        ResolvedWatchers watchlist = watchlist(connection, Server.read(connection, names.schema()), Set.of());
        Refusal.ifAny(BaseObjects.problems(
                connection, names, journal, watchlist.tables(), options.mode(), options.context()));
    }

    /** The tables that can be watched. {@code connection} is in autocommit mode. */
    public List<WatchedTable> tables(Connection connection) throws SQLException {
        return watchlist(connection, Server.read(connection, names.schema()), Set.of())
                .sound();
    }

    /** Whether the connector creates its objects itself. */
    public boolean installs() {
        return options.mode() == InstallMode.APPLY;
    }

    /** How rows of the tables are read for backfills. */
    public ReadAccess readAccess() {
        if (installs()) {
            return ReadAccess.OWN;
        }
        return options.readFunctions() ? ReadAccess.FUNCTIONS : ReadAccess.GRANTED;
    }

    /** Privileges are asked for only where triggers have to be made. */
    private static List<TableProblem> ungranted(
            ResolvedWatchers watchlist, List<WatchedTable> tables, LongPredicate makesTriggersOn) {
        List<TableProblem> found = new ArrayList<>();
        for (WatchedTable table : tables) {
            ConfigProblem problem = watchlist.ungranted().get(table.shape().oid());
            if (problem != null && makesTriggersOn.test(table.shape().oid())) {
                found.add(new TableProblem(
                        TableProblem.Kind.STATE, List.of(table.shape().name().toString()), problem));
            }
        }
        return found;
    }

    private ResolvedWatchers watchlist(Connection connection, Server server, Set<String> former) throws SQLException {
        ResolvedWatchers found = ResolvedWatchers.read(
                connection,
                watchers,
                tablesMax,
                topics,
                former,
                names.schema(),
                Marker.beginning(names.connector()),
                server.role(),
                installs());
        warnings().of(found);
        return found;
    }

    private InstallationVerifier verifier() {
        return new InstallationVerifier(names, journal, options);
    }

    private CatalogWarnings warnings() {
        return new CatalogWarnings(names.connector());
    }
}
