package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.CatalogTable;
import io.ectowatch.connect.catalog.ColumnReader;
import io.ectowatch.connect.catalog.ExtensionTables;
import io.ectowatch.connect.catalog.OrderRisks;
import io.ectowatch.connect.catalog.Trust;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.config.Watcher;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.protocol.Marker;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The user's watchers, resolved in the database: the tables, and the problems of those that cannot be watched.
 *
 * @param tables all watched tables, ordered by name; those with a problem are not complete
 * @param problems each on the setting that causes it, with what to do about it
 * @param leftOut tables that a glob matches but that cannot be watched, each with the reason; not an error
 * @param warnings what the operator should change; not an error
 * @param ungranted by OID, tables that have the connector's triggers although its role could not create them now: not
 *     a problem as long as nothing has to be created there
 */
public record ResolvedWatchers(
        List<WatchedTable> tables,
        List<TableProblem> problems,
        List<String> leftOut,
        List<String> warnings,
        Map<Long, ConfigProblem> ungranted) {

    public ResolvedWatchers {
        tables = List.copyOf(tables);
        problems = List.copyOf(problems);
        leftOut = List.copyOf(leftOut);
        warnings = List.copyOf(warnings);
        ungranted = Map.copyOf(ungranted);
    }

    /**
     * Reads the catalog and resolves {@code watchers} in it: a few queries, whatever the number of tables, and a few
     * for each condition.
     *
     * @param connection in autocommit mode before and after the call
     * @param tablesMax the largest number of tables to watch
     * @param former the tables, as {@code schema.table}, that the connector has watched before
     * @param ownSchema the schema of the connector's own objects, which globs skip
     * @param marker how the comments of those objects begin
     * @param role the connected role, for the statements in messages
     * @param installing whether that role creates the triggers
     */
    public static ResolvedWatchers read(
            Connection connection,
            List<Watcher> watchers,
            int tablesMax,
            TopicFormat topics,
            Set<String> former,
            String ownSchema,
            String marker,
            String role,
            boolean installing)
            throws SQLException {
        // One snapshot for all queries, so that a table cannot change its columns between them.
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
            Trust trust = Trust.read(connection, ownSchema, role, installing);
            WatcherResolver matching = new WatcherResolver(
                    CatalogTable.readAll(connection, ownSchema, marker, Marker.beginning()),
                    ExtensionTables.read(connection, trust),
                    former,
                    ownSchema,
                    role,
                    installing);
            watchers.forEach(matching::match);
            matching.limit(tablesMax);
            ResolvedWatchers found = matching.watchlist(
                    new ColumnReader(trust).read(connection, matching.matchedOids()),
                    OrderRisks.read(connection, matching.matchedOids(), installing),
                    topics);
            return found.with(obstacles(connection, trust, found.tables()));
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static List<TableProblem> obstacles(Connection connection, Trust trust, List<WatchedTable> tables)
            throws SQLException {
        List<TableProblem> found = new ArrayList<>();
        ConditionCheck check = new ConditionCheck(connection, trust);
        for (WatchedTable table : tables) {
            for (WatchedTable.TableWatcher watcher : table.watchers()) {
                if (watcher.filter().when() != null) {
                    check.obstacle(table.shape(), watcher.filter().when())
                            .ifPresent(obstacle -> found.add(new TableProblem(
                                    TableProblem.Kind.SETTINGS,
                                    List.of(table.shape().name().toString()),
                                    new ConfigProblem(watcher.name() + ".when", obstacle),
                                    watcher.name())));
                }
            }
        }
        return found;
    }

    /**
     * The problems that the user has to fix, each once.
     *
     * @param former tables, as {@code schema.table}, that were watched before: if one was dropped, or lacks something now,
     *     that does not count
     */
    public List<ConfigProblem> refusals(Set<String> former) {
        return problems.stream()
                .filter(problem ->
                        problem.kind() == TableProblem.Kind.SETTINGS || !former.containsAll(problem.tables()))
                .map(TableProblem::problem)
                .distinct()
                .toList();
    }

    /** The tables that can be watched, each with the watchers that fit it. */
    public List<WatchedTable> sound() {
        Set<String> unsound = new HashSet<>();
        Map<String, Set<String>> unfit = new HashMap<>();
        for (TableProblem problem : problems) {
            if (problem.watcher() == null) {
                unsound.addAll(problem.tables());
            } else {
                problem.tables().forEach(table -> unfit.computeIfAbsent(table, any -> new HashSet<>())
                        .add(problem.watcher()));
            }
        }
        return tables.stream()
                .filter(table -> !unsound.contains(table.shape().name().toString()))
                .flatMap(table ->
                        table.without(unfit.getOrDefault(table.shape().name().toString(), Set.of())).stream())
                .toList();
    }

    private ResolvedWatchers with(List<TableProblem> more) {
        List<TableProblem> all = new ArrayList<>(problems);
        all.addAll(more);
        return new ResolvedWatchers(tables, all, leftOut, warnings, ungranted);
    }
}
