package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.CatalogTable;
import io.ectowatch.connect.config.Watcher;
import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Keeps a pattern from watching far more tables than the user expects. */
final class TableLimit {

    private TableLimit() {}

    /**
     * Removes the tables beyond that number from {@code matches}; those that are watched already stay first.
     *
     * @param former the tables, as {@code schema.table}, that the connector has watched before
     * @return the problem of the removed tables, if there are any
     */
    static Optional<TableProblem> apply(int tablesMax, Map<CatalogTable, List<Watcher>> matches, Set<String> former) {
        int matched = matches.size();
        if (matched <= tablesMax) {
            return Optional.empty();
        }
        List<Map.Entry<CatalogTable, List<Watcher>>> beyond = matches.entrySet().stream()
                .sorted(Comparator.comparing(match -> !match.getKey().hasTriggers()))
                .skip(tablesMax)
                .map(Map.Entry::copyOf)
                .toList();
        // Each name is logged, so tables that were never watched share one: there can be a hundred thousand.
        Set<String> names = new LinkedHashSet<>();
        beyond.forEach(match -> {
            String table = match.getKey().name().toString();
            names.add(
                    former.contains(table)
                            ? table
                            : match.getValue().get(0).pattern().toString());
            matches.remove(match.getKey());
        });
        String message = "The watchers match " + matched + " tables, but tables.max allows " + tablesMax
                + ". Not watched: " + beyond.get(0).getKey().name()
                + (beyond.size() == 1 ? "" : " and " + (beyond.size() - 1) + " more")
                + ". Make the patterns narrower, or raise tables.max.";
        return Optional.of(new TableProblem(
                TableProblem.Kind.SETTINGS, List.copyOf(names), new ConfigProblem("tables.max", message)));
    }
}
