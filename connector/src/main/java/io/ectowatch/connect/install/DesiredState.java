package io.ectowatch.connect.install;

import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.install.objects.BaseObjects;
import io.ectowatch.connect.install.objects.JournalSettings;
import io.ectowatch.connect.install.plan.InstallOptions;
import io.ectowatch.connect.install.plan.InstallPlan;
import io.ectowatch.connect.install.plan.InstallScript;
import io.ectowatch.connect.install.plan.InstalledFunction;
import io.ectowatch.connect.install.plan.Step;
import io.ectowatch.connect.install.plan.Unwatched;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a connector needs in the database, compared with what exists: to create it, to list the differences, or to
 * print the SQL for another role.
 */
final class DesiredState {

    private static final int LINE = 120;

    private final ObjectNames names;
    private final List<WatchedTable> tables;
    private final Unwatched unwatched;
    private final InstallOptions options;
    private final BaseObjects baseObjects;
    private final Map<String, InstalledFunction> installed;
    private final ReadFunctions readFunctions;

    private DesiredState(
            ObjectNames names,
            List<WatchedTable> tables,
            Unwatched unwatched,
            InstallOptions options,
            BaseObjects baseObjects,
            Map<String, InstalledFunction> installed,
            ReadFunctions readFunctions) {
        this.readFunctions = readFunctions;
        this.names = names;
        this.tables = tables;
        this.unwatched = unwatched;
        this.options = options;
        this.baseObjects = baseObjects;
        this.installed = installed;
    }

    static DesiredState read(
            Connection connection,
            ObjectNames names,
            Optional<JournalSettings> journal,
            List<WatchedTable> tables,
            Unwatched unwatched,
            InstallOptions options)
            throws SQLException {
        return new DesiredState(
                names,
                tables,
                unwatched,
                options,
                BaseObjects.read(connection, names, journal, tables, options.mode(), options.context()),
                InstalledFunction.readAll(connection, names),
                ReadFunctions.read(connection, names, options.readFunctions() ? tables : List.of()));
    }

    /** What prevents the installation. */
    List<ConfigProblem> problems() {
        return Stream.concat(baseObjects.problems().stream(), readFunctions.problems().stream())
                .toList();
    }

    /** The installed functions of the connector. */
    Collection<InstalledFunction> installed() {
        return installed.values();
    }

    /** The missing objects that the triggers need. */
    Optional<Step> missingFoundation() {
        return baseObjects.missing();
    }

    /** The steps for the triggers; available once no object that they need is missing. */
    List<Step> missing() {
        List<Step> steps = new ArrayList<>(plan(false).steps(tables));
        steps.addAll(readFunctions.missing(unwatched));
        return steps;
    }

    private InstallPlan plan(boolean complete) {
        return new InstallPlan(names, baseObjects.functions(), installed, unwatched, options.muteAllowed(), complete);
    }

    /**
     * The differences, as shortened statements that would fix them: of each table by its name, and under the empty name
     * those that concern no single watched table.
     */
    Map<String, List<String>> differences() {
        Map<String, List<String>> differences = new TreeMap<>();
        add(baseObjects.missingForAll(), "", differences);
        for (WatchedTable table : tables) {
            baseObjects
                    .missingFor(table)
                    .ifPresent(statement ->
                            add(List.of(statement), table.shape().name().toString(), differences));
        }
        for (Step step : missing()) {
            List<String> concerned = tables.stream()
                    .filter(table -> step.lockedTables().contains(table.shape().oid()))
                    .map(table -> table.shape().name().toString())
                    .toList();
            (concerned.isEmpty() ? List.of("") : concerned)
                    .forEach(table -> add(step.statements(), table, differences));
        }
        return differences;
    }

    /** Statements that accompany the creation of an object are not listed, unless there are no others. */
    private static void add(List<String> statements, String table, Map<String, List<String>> differences) {
        if (statements.isEmpty()) {
            return;
        }

        List<String> telling = statements.stream()
                .filter(statement -> statement.startsWith("CREATE")
                        || statement.startsWith("DROP")
                        || statement.startsWith("ALTER")
                        || statement.startsWith("INSERT"))
                .toList();
        List<String> all = differences.computeIfAbsent(table, any -> new ArrayList<>());
        (telling.isEmpty() ? statements : telling).forEach(statement -> all.add(shortened(statement)));
    }

    private static String shortened(String statement) {
        String line = statement.lines().findFirst().orElse("").strip();
        return line.length() <= LINE ? line : line.substring(0, LINE) + "...";
    }

    /** Everything as a script, including what already exists, and the removal of what is not needed any more. */
    String script(String database, List<String> grants) {
        List<Step> steps = new ArrayList<>();
        steps.add(baseObjects.complete());
        steps.addAll(plan(true).steps(tables));
        steps.addAll(readFunctions.complete(unwatched));
        return new InstallScript(names, database, options.lockTimeoutMs()).text(steps, grants, !installed.isEmpty());
    }
}
