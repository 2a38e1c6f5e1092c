package io.ectowatch.connect.generated;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A database, a connector's settings, and what an application does with them.
 *
 * @param create statements that create the tables, in order
 * @param items what else the database has
 * @param before statements that run before the connector starts
 * @param asApplication whether a role without privileges on the connector's objects runs the transactions
 */
record Program(
        List<GeneratedTable> tables,
        List<String> create,
        List<Item> items,
        List<String> before,
        String delivery,
        List<Watcher> watchers,
        boolean asApplication,
        List<Transaction> transactions) {

    /**
     * A trigger, a rule, a foreign key or a policy.
     *
     * @param from the table whose changes cause others, or null
     * @param to the table that is changed then, or null
     * @param repeats whether it can change rows more than once within a statement
     * @param movesKeys whether it can change keys
     */
    record Item(String sql, String from, String to, boolean repeats, boolean movesKeys) {

        static Item plain(String sql) {
            return new Item(sql, null, null, false, false);
        }
    }

    /**
     * @param copied the data of a {@code COPY}, or null
     * @param table the table that it names; if it names several, the first
     * @param repeats the tables whose rows it can change more than once
     * @param truncates the tables that it truncates
     */
    record Statement(
            String sql, String copied, String table, Set<String> repeats, boolean movesKeys, Set<String> truncates) {}

    /** @param undone whether a savepoint before the statements is rolled back to after them */
    record Step(List<Statement> statements, boolean undone) {}

    /**
     * @param savepoints whether each statement has its own savepoint; otherwise an error ends the transaction
     * @param committed false if it is rolled back
     */
    record Transaction(List<Step> steps, boolean savepoints, boolean committed) {}

    /** These tables and those that a change of them can change, by foreign keys, triggers and rules. */
    Set<String> reached(Set<String> from) {
        Set<String> reached = new HashSet<>(from);
        while (items.stream().anyMatch(item -> reached.contains(item.from()) && reached.add(item.to()))) {
            continue;
        }
        reached.remove(null);
        return reached;
    }

    /** Tables of which triggers and cascades can change a row more than once within a statement. */
    Set<String> repeated() {
        Set<String> repeated = new HashSet<>();
        List<String> written = new ArrayList<>();
        for (Item item : items) {
            if (item.to() != null && (item.repeats() || item.to().equals(item.from()) || written.contains(item.to()))) {
                repeated.add(item.to());
            }
            written.add(item.to());
        }
        return reached(repeated);
    }

    boolean movesKeys() {
        return items.stream().anyMatch(Item::movesKeys);
    }

    String[] settings() {
        List<String> settings = new ArrayList<>(List.of(
                "delivery.mode=" + delivery,
                "tables=marks",
                "row.triggers=false", // watchers choose
                "watchers="
                        + String.join(",", watchers.stream().map(Watcher::name).toList())));
        if (watchers.isEmpty()) {
            settings.remove(3);
        }
        watchers.forEach(watcher -> settings.addAll(watcher.settings()));
        return settings.toArray(String[]::new);
    }

    /** Everything that is needed to do the same by hand. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        create.forEach(sql -> text.append(sql).append(";\n"));
        items.forEach(item -> text.append(item.sql()).append(";\n"));
        before.forEach(sql -> text.append(sql).append(";\n"));
        for (String setting : settings()) {
            text.append("-- ").append(setting).append('\n');
        }
        text.append(asApplication ? "-- by the role app:\n" : "");
        for (Transaction transaction : transactions) {
            text.append("BEGIN;").append(transaction.savepoints() ? "  -- a savepoint for each statement\n" : "\n");
            for (Step step : transaction.steps()) {
                text.append(step.undone() ? "  SAVEPOINT undone;\n" : "");
                step.statements().forEach(statement -> text.append("  ")
                        .append(statement.sql())
                        .append(";\n")
                        .append(statement.copied() == null ? "" : statement.copied() + "\\.\n"));
                text.append(step.undone() ? "  ROLLBACK TO undone;\n" : "");
            }
            text.append(transaction.committed() ? "COMMIT;\n" : "ROLLBACK;\n");
        }
        return text.toString();
    }
}
