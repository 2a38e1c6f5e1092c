package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Watcher;
import io.ectowatch.connect.config.names.SpellingSuggestion;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the columns that watchers name in the tables they watch, and reports those that cannot be used. */
final class ColumnLookup {

    /** How many tables a message lists. */
    private static final int NAMED = 3;

    private record Missing(Watcher watcher, String setting, String column) {}

    private final List<TableProblem> problems = new ArrayList<>();
    private final Map<Missing, List<TableShape>> missing = new LinkedHashMap<>();

    /** The columns of these names that triggers can see. Each of the other names gives a problem on the setting. */
    List<Column> find(Watcher watcher, String setting, List<String> names, TableShape table) {
        List<Column> found = new ArrayList<>();
        for (String name : names) {
            Optional<Column> column = table.column(name);
            if (column.isEmpty()) {
                missing.computeIfAbsent(new Missing(watcher, setting, name), any -> new ArrayList<>())
                        .add(table);
            } else if (column.get().virtual()) {
                problem(
                        table,
                        watcher,
                        setting,
                        "Column " + name + " of " + table.name() + " is a virtual generated column. PostgreSQL"
                                + " does not compute it in triggers. Remove it from the setting, or make it STORED.");
            } else {
                found.add(column.get());
            }
        }
        return found;
    }

    /** Like {@link #find}, but for columns that are never null. */
    List<Column> findKey(Watcher watcher, String setting, List<String> names, TableShape table) {
        List<Column> found = find(watcher, setting, names, table);
        found.stream()
                .filter(Column::nullable)
                .filter(column -> !table.key().contains(column))
                .forEach(column -> problem(
                        table,
                        watcher,
                        setting,
                        "Column " + column.name() + " of " + table.name()
                                + " can be null, but a record's key cannot. Choose NOT NULL columns, or run:"
                                + " ALTER TABLE ... ALTER COLUMN ... SET NOT NULL;"));
        return found;
    }

    List<TableProblem> problems() {
        List<TableProblem> all = new ArrayList<>(problems);
        missing.forEach((what, tables) -> all.add(new TableProblem(
                TableProblem.Kind.SETTINGS,
                tables.stream().map(table -> table.name().toString()).toList(),
                problem(what, tables),
                what.watcher().name())));
        return all;
    }

    private static ConfigProblem problem(Missing what, List<TableShape> tables) {
        TableShape first = tables.get(0);
        String others = tables.size() == 1
                ? ""
                : " It is also missing in "
                        + String.join(
                                ", ",
                                tables.stream()
                                        .skip(1)
                                        .limit(NAMED)
                                        .map(TableShape::name)
                                        .map(TableName::toString)
                                        .toList())
                        + (tables.size() > NAMED + 1 ? " and " + (tables.size() - NAMED - 1) + " others." : ".");
        return new ConfigProblem(
                what.watcher().name() + "." + what.setting(),
                "Table " + first.name() + " has no column " + what.column() + "." + hint(what.column(), first) + others
                        + (what.watcher().pattern().isGlob()
                                ? " Every table that " + what.watcher().pattern() + " matches must have it: narrow the"
                                        + " pattern, or remove the column from the setting."
                                : ""));
    }

    private static String hint(String wanted, TableShape shape) {
        List<String> names = shape.columns().stream().map(Column::name).toList();
        return SpellingSuggestion.closest(wanted, names)
                .map(close -> " Did you mean " + close + "?")
                .orElse(" Its columns are: " + String.join(", ", names) + ".");
    }

    private void problem(TableShape table, Watcher watcher, String setting, String message) {
        problems.add(new TableProblem(
                TableProblem.Kind.SETTINGS,
                List.of(table.name().toString()),
                new ConfigProblem(watcher.name() + "." + setting, message),
                watcher.name()));
    }
}
