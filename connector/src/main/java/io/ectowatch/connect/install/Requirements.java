package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.Problem;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a connector needs in the database, compared with what exists: to create it, to list the differences, or to
 * print the SQL for another role.
 */
final class Requirements {

    private static final int LINE = 120;

    private final ObjectNames names;
    private final List<WatchedTable> tables;
    private final InstallOptions options;
    private final Foundation foundation;
    private final Map<String, InstalledFunction> installed;

    private Requirements(
            ObjectNames names,
            List<WatchedTable> tables,
            InstallOptions options,
            Foundation foundation,
            Map<String, InstalledFunction> installed) {
        this.names = names;
        this.tables = tables;
        this.options = options;
        this.foundation = foundation;
        this.installed = installed;
    }

    static Requirements read(
            Connection connection,
            ObjectNames names,
            Optional<JournalSettings> journal,
            List<WatchedTable> tables,
            InstallOptions options)
            throws SQLException {
        return new Requirements(
                names,
                tables,
                options,
                Foundation.read(connection, names, journal, tables, options.mode()),
                InstalledFunction.readAll(connection, names));
    }

    /** What prevents the installation. */
    List<Problem> problems() {
        return foundation.problems();
    }

    /** The installed functions of the connector. */
    Collection<InstalledFunction> installed() {
        return installed.values();
    }

    /** The missing objects that the triggers need. */
    Optional<Step> missingFoundation() {
        return foundation.missing();
    }

    /** The steps for the triggers; available once no object that they need is missing. */
    List<Step> missing() {
        return plan(false).steps(tables);
    }

    private InstallPlan plan(boolean complete) {
        return new InstallPlan(names, foundation.functions(), installed, options.muteAllowed(), complete);
    }

    /** The differences, as shortened statements that would fix them, or empty. */
    List<String> differences() {
        List<Step> steps = new ArrayList<>();
        missingFoundation().ifPresent(steps::add);
        steps.addAll(missing());
        List<String> differences = new ArrayList<>();
        steps.forEach(step -> add(step.statements(), differences));
        return differences;
    }

    /** Statements that accompany the creation of an object are not listed, unless there are no others. */
    private static void add(List<String> statements, List<String> differences) {
        List<String> telling = statements.stream()
                .filter(statement -> statement.startsWith("CREATE")
                        || statement.startsWith("DROP")
                        || statement.startsWith("ALTER")
                        || statement.startsWith("INSERT"))
                .toList();
        (telling.isEmpty() ? statements : telling).forEach(statement -> differences.add(shortened(statement)));
    }

    private static String shortened(String statement) {
        String line = statement.lines().findFirst().orElse("").strip();
        return line.length() <= LINE ? line : line.substring(0, LINE) + "...";
    }

    /** Everything as a script, including what already exists, and the removal of what is not needed any more. */
    String script(String database, List<String> grants) {
        List<Step> steps = new ArrayList<>();
        steps.add(foundation.complete());
        steps.addAll(plan(true).steps(tables));
        return new InstallScript(names, database, options.lockTimeoutMs()).text(steps, grants, !installed.isEmpty());
    }
}
