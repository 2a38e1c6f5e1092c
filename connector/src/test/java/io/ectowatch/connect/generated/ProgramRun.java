package io.ectowatch.connect.generated;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.generated.Comparison.Seen;
import io.ectowatch.connect.generated.GeneratedTable.Kind;
import io.ectowatch.connect.generated.Program.Step;
import io.ectowatch.connect.generated.Program.Transaction;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;

/** Runs a program once, in a database of its own. */
final class ProgramRun implements AutoCloseable {

    private static final Duration LATE_RESYNC = Duration.ofSeconds(8);

    private final Program program;
    private final TestDatabase database;
    private final Connection connection;
    private final Statement statement;
    private final Set<String> repeated;
    private final Map<String, List<Seen>> seen = new HashMap<>();
    private final Set<Long> committed = new HashSet<>();
    private Application application;
    private Watching watching;
    private int marks;
    /** Whether all that may come late has been waited for. */
    private boolean waited;

    ProgramRun(TestDatabase template, Program program) throws SQLException {
        this.program = program;
        database = template.copy();
        connection = database.connect();
        statement = connection.createStatement();
        repeated = program.repeated();
    }

    /** What is wrong, or null. */
    Failure run(String applicationRole) throws Exception {
        try {
            for (String sql : program.create()) {
                statement.execute(sql);
            }
            for (Program.Item item : program.items()) {
                statement.execute(item.sql());
            }
            statement.execute("CREATE TABLE marks (id int PRIMARY KEY)");
            statement.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO " + applicationRole);
        } catch (SQLException e) {
            return new Failure("setup " + e.getSQLState(), e.getMessage());
        }
        for (String sql : program.before()) {
            try {
                statement.execute(sql);
            } catch (SQLException e) {
                // A key or a reference that does not fit.
            }
        }
        try {
            watching = Watching.start(database, program.settings());
        } catch (ConfigException e) {
            return new Failure("refused", e.getMessage());
        }
        awaitMark();
        watching.forget();
        application = new Application(connection, program.asApplication() ? applicationRole : "postgres");
        for (Transaction transaction : program.transactions()) {
            Failure failure = run(transaction);
            if (failure != null) {
                return failure;
            }
        }
        awaitMark();
        return compare();
    }

    int transactions() {
        return committed.size();
    }

    int ordinaryErrors() {
        return application == null ? 0 : application.ordinaryErrors();
    }

    /** Whether the connector has announced that changes may be missing, and so the last records prove less. */
    boolean resynced() {
        return watching != null && program.watchers().stream().anyMatch(this::resyncs);
    }

    /** Of pairs of a transaction and a table: those that are compared exactly, and all. */
    int[] exactness() {
        int[] counts = new int[2];
        seen.values().stream().flatMap(List::stream).forEach(one -> {
            if (one.effects().stream()
                    .anyMatch(effect -> effect.truncated() || !effect.changes().isEmpty())) {
                counts[0] += one.exact() ? 1 : 0;
                counts[1]++;
            }
        });
        return counts;
    }

    private Failure run(Transaction transaction) throws SQLException {
        Map<String, Content> start = read();
        Map<String, Content> before = start;
        Map<String, List<Effect>> effects = new HashMap<>();
        boolean several = transaction.steps().size() > 1;
        statement.execute("BEGIN");
        try {
            for (Step step : transaction.steps()) {
                if (step.undone()) {
                    statement.execute("SAVEPOINT undone");
                    for (Program.Statement one : step.statements()) {
                        application.attempt(one, true);
                    }
                    statement.execute("ROLLBACK TO undone");
                } else {
                    for (Program.Statement one : step.statements()) {
                        if (application.attempt(one, transaction.savepoints())) {
                            Map<String, Content> after = read();
                            add(effects, before, after, one, several);
                            before = after;
                        }
                    }
                }
            }
            long id = currentTransaction();
            statement.execute(transaction.committed() ? "COMMIT" : "ROLLBACK");
            if (transaction.committed()) {
                Map<String, Content> after = read();
                add(effects, before, after, null, several);
                committed.add(id);
                for (GeneratedTable table : program.tables()) {
                    seen.computeIfAbsent(table.name(), name -> new ArrayList<>())
                            .add(new Seen(
                                    id,
                                    start.get(table.name()),
                                    after.get(table.name()),
                                    effects.getOrDefault(table.name(), List.of())));
                }
            }
        } catch (SQLException e) {
            if (!Application.isOrdinary(e)) {
                return new Failure("statement " + e.getSQLState(), e.getMessage());
            }
            statement.execute("ROLLBACK");
        }
        return null;
    }

    private void add(
            Map<String, List<Effect>> effects,
            Map<String, Content> before,
            Map<String, Content> after,
            Program.Statement one,
            boolean several) {
        Set<String> repeatedHere = new HashSet<>(repeated);
        if (one != null) {
            repeatedHere.addAll(program.reached(one.repeats()));
        }
        boolean moved = one == null || one.movesKeys() || program.movesKeys();
        for (GeneratedTable table : program.tables()) {
            boolean named = one != null && one.table().equals(table.name());
            boolean rowTriggers = replicated(table)
                    || table.kind() == Kind.PARTITIONED
                    || table.kind() == Kind.CHILD
                    || chosen(table) && table.kind() != Kind.PARENT;
            boolean tree = table.kind() == Kind.PARENT && named && !replicated(table);
            boolean exact = !repeatedHere.contains(table.name())
                    && !(table.deferrable() && (several || table.kind() == Kind.PARTITIONED));
            Content was = before.get(table.name());
            Content is = after.get(table.name());
            Effect effect = Effect.of(
                    tree ? was : was.own(),
                    tree ? is : is.own(),
                    exact,
                    one != null && one.truncates().contains(table.name()),
                    moved && (rowTriggers || !named));
            effects.computeIfAbsent(table.name(), name -> new ArrayList<>()).add(effect);
        }
    }

    /** Whether one of its watchers asks for row triggers. */
    private boolean chosen(GeneratedTable table) {
        return program.watchers().stream().anyMatch(watcher -> watcher.table().equals(table) && watcher.rowTriggers());
    }

    private boolean replicated(GeneratedTable table) {
        return program.watchers().stream().anyMatch(watcher -> watcher.table().equals(table) && watcher.replicated());
    }

    private Map<String, Content> read() throws SQLException {
        Map<String, Content> contents = new LinkedHashMap<>();
        for (GeneratedTable table : program.tables()) {
            contents.put(table.name(), Content.read(statement, table));
        }
        return contents;
    }

    private void awaitMark() throws SQLException {
        int mark = ++marks;
        statement.execute("INSERT INTO marks VALUES (" + mark + ")");
        watching.changes(all -> all.stream()
                .anyMatch(change -> change.table().shape().name().table().equals("marks")
                        && change.event() == Event.INSERTED
                        && change.values()[0].equals(mark)));
    }

    private Failure compare() {
        List<Published> records = Published.of(watching.received());
        for (Published record : records) {
            if (!record.event().equals("resync")
                    && program.watchers().stream()
                            .anyMatch(watcher -> watcher.name().equals(record.watcher()))
                    && !committed.contains(record.transaction())) {
                return new Failure("rolled back", record.toString());
            }
        }
        boolean unsure = false;
        for (Watcher watcher : program.watchers()) {
            List<Seen> transactions = seen.getOrDefault(watcher.table().name(), List.of());
            Comparison comparison = new Comparison(
                    watcher,
                    program.watchers().stream()
                            .anyMatch(other -> other.table().equals(watcher.table())
                                    && other.events().contains(Event.TRUNCATED)));
            for (Seen one : transactions) {
                List<Published> ofTransaction = records.stream()
                        .filter(record -> record.watcher().equals(watcher.name())
                                && record.transaction() == one.id()
                                && !record.event().equals("resync"))
                        .toList();
                Failure failure = comparison.of(one, ofTransaction, () -> resynced(watcher));
                if (failure != null) {
                    return failure;
                }
            }
            unsure |= comparison.mayBeUnsure(transactions);
        }
        return null;
    }

    private boolean resyncs(Watcher watcher) {
        return Published.of(watching.received()).stream()
                .anyMatch(record -> record.watcher().equals(watcher.name())
                        && record.event().equals("resync"));
    }

    /** A {@code resync} may come some seconds after the records. */
    private boolean resynced(Watcher watcher) {
        long end = System.nanoTime() + (waited ? 0 : LATE_RESYNC.toNanos());
        while (!resyncs(watcher) && System.nanoTime() < end) {
            try {
                watching.poll();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        waited |= !resyncs(watcher);
        return resyncs(watcher);
    }

    private long currentTransaction() throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT coalesce(pg_current_xact_id_if_assigned()::text, '0')")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Override
    public void close() throws SQLException {
        if (watching != null) {
            watching.close();
        }
        connection.close();
        database.close();
    }
}
