package io.ectowatch.connect.install;

import io.ectowatch.connect.config.InstallFragment;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.install.objects.BaseObjects;
import io.ectowatch.connect.install.objects.JournalSettings;
import io.ectowatch.connect.install.objects.RolePrivileges;
import io.ectowatch.connect.install.plan.InstallOptions;
import io.ectowatch.connect.install.plan.Unwatched;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.TableProblem;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;

/** Compares an installation that another role has made with the SQL of {@code install.mode=print}. */
final class InstallationVerifier {

    private static final int MOST_DIFFERENCES = 20;

    private final ObjectNames names;
    private final Optional<JournalSettings> journal;
    private final InstallOptions options;

    InstallationVerifier(ObjectNames names, Optional<JournalSettings> journal, InstallOptions options) {
        this.names = names;
        this.journal = journal;
        this.options = options;
    }

    /**
     * The differences.
     *
     * @param refusals what prevents the comparison: objects that are not as the connector creates them, missing privileges
     * @param statements missing statements: of each table by its name, and under the empty name those that concern no
     *     single watched table
     */
    private record Differences(List<ConfigProblem> refusals, Map<String, List<String>> statements) {}

    /**
     * What the user has to fix: objects that are not as the connector creates them, missing privileges, missing
     * statements. Changes nothing.
     *
     * @param role the connected role
     */
    List<ConfigProblem> problems(Connection connection, List<WatchedTable> tables, Unwatched unwatched, String role)
            throws SQLException {
        Differences found = differences(connection, tables, unwatched, role);
        if (!found.refusals().isEmpty() || found.statements().isEmpty()) {
            return found.refusals();
        }
        return List.of(problem(
                "The installation differs",
                found.statements().values().stream().flatMap(List::stream).toList()));
    }

    /**
     * The tables whose own triggers, functions or layouts differ, so that the others can be watched.
     *
     * @param role the connected role
     * @throws ConnectException if the differences concern all of them, or more than them
     */
    List<TableProblem> differingTables(
            Connection connection, List<WatchedTable> tables, Unwatched unwatched, String role) throws SQLException {
        Differences found = differences(connection, tables, unwatched, role);
        Refusal.ifAny(found.refusals());
        if (found.statements().containsKey("")
                || !found.statements().isEmpty() && found.statements().size() == tables.size()) {
            Refusal.ifAny(List.of(problem(
                    "The installation differs",
                    found.statements().values().stream().flatMap(List::stream).toList())));
        }
        List<TableProblem> differing = new ArrayList<>();
        found.statements()
                .forEach((table, statements) -> differing.add(new TableProblem(
                        TableProblem.Kind.STATE,
                        List.of(table),
                        problem("The installation for " + table + " differs", statements))));
        return differing;
    }

    /** Tables that no pattern matches any more: their functions stay until another role drops them. */
    static List<TableProblem> left(Unwatched unwatched) {
        return unwatched.left().stream()
                .map(table -> new TableProblem(
                        TableProblem.Kind.STATE,
                        List.of(table),
                        new ConfigProblem(
                                InstallFragment.MODE_CONFIG,
                                table
                                        + " is not watched any more, since no pattern matches it: it was dropped, renamed,"
                                        + " or attached to another table as a partition. The connector's functions for"
                                        + " it are still installed. Get the whole SQL with install.mode=print, and run"
                                        + " it.")))
                .toList();
    }

    private Differences differences(Connection connection, List<WatchedTable> tables, Unwatched unwatched, String role)
            throws SQLException {
        List<ConfigProblem> problems =
                BaseObjects.problems(connection, names, journal, tables, options.mode(), options.context());
        if (!problems.isEmpty()) {
            return new Differences(problems, Map.of());
        }
        List<String> ungranted = new RolePrivileges(names, journal, tables, role).missing(connection);
        if (!ungranted.isEmpty()) {
            return new Differences(List.of(problem("The installation differs", ungranted)), Map.of());
        }
        DesiredState desiredState = DesiredState.read(connection, names, journal, tables, unwatched, options);
        return desiredState.problems().isEmpty()
                ? new Differences(List.of(), desiredState.differences())
                : new Differences(desiredState.problems(), Map.of());
    }

    private static ConfigProblem problem(String subject, List<String> statements) {
        int more = statements.size() - MOST_DIFFERENCES;
        return new ConfigProblem(
                InstallFragment.MODE_CONFIG,
                subject + " from the SQL of install.mode=print. Missing statements: "
                        + statements.stream().limit(MOST_DIFFERENCES).collect(Collectors.joining("; "))
                        + (more > 0 ? "; and " + more + " more" : "")
                        + ". Get the whole SQL with install.mode=print, run it, and try again.");
    }
}
