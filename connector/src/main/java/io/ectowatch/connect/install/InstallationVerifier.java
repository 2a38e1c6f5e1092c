package io.ectowatch.connect.install;

import io.ectowatch.connect.config.InstallFragment;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.install.objects.BaseObjects;
import io.ectowatch.connect.install.objects.JournalSettings;
import io.ectowatch.connect.install.objects.RolePrivileges;
import io.ectowatch.connect.install.plan.InstallOptions;
import io.ectowatch.connect.install.plan.Unwatched;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

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
     * What the user has to fix: objects that are not as the connector creates them, missing privileges, missing
     * statements. Changes nothing.
     *
     * @param role the connected role
     */
    List<ConfigProblem> problems(Connection connection, List<WatchedTable> tables, Unwatched unwatched, String role)
            throws SQLException {
        List<ConfigProblem> problems = BaseObjects.problems(connection, names, journal, tables, options.mode());
        if (!problems.isEmpty()) {
            return problems;
        }
        List<String> differences =
                new ArrayList<>(new RolePrivileges(names, journal, tables, role).missing(connection));
        if (differences.isEmpty()) {
            DesiredState desiredState = DesiredState.read(connection, names, journal, tables, unwatched, options);
            if (!desiredState.problems().isEmpty()) {
                return desiredState.problems();
            }
            differences.addAll(desiredState.differences());
        }
        if (differences.isEmpty()) {
            return List.of();
        }
        int more = differences.size() - MOST_DIFFERENCES;
        return List.of(new ConfigProblem(
                InstallFragment.MODE_CONFIG,
                "The installation differs from the SQL of install.mode=print. Missing statements: "
                        + differences.stream().limit(MOST_DIFFERENCES).collect(Collectors.joining("; "))
                        + (more > 0 ? "; and " + more + " more" : "")
                        + ". Get the whole SQL with install.mode=print, run it, and try again."));
    }
}
