package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.log.RepeatedLog;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What others have done to the watched tables and their triggers since they were last seen, until it is announced. Belongs to
 * one thread.
 */
final class Drift {

    private static final Logger log = LoggerFactory.getLogger(Drift.class);

    private final RepeatedLog repeated = new RepeatedLog();

    private static final int MOST_NAMED = 20;

    private static final String NAMES = """
            SELECT string_agg(coalesce(quote_ident(n.nspname) || '.' || quote_ident(c.relname), 'dropped, OID ' || t.oid), ', ')
            FROM unnest(?::int8[]) WITH ORDINALITY AS t (oid, place)
            LEFT JOIN pg_class AS c ON c.oid = t.oid::oid LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE t.place <= ?
            """;

    private final String connector;
    private final Stamps stamps;
    private final boolean storing;

    private boolean foundThemChanged;
    /** The last known state of the triggers of each table; null until they are known to be correct. */
    private @Nullable TableStates lastSeen;
    /** The part of it that is stored in the database; null for nothing. */
    private @Nullable TableStates stored;

    private boolean begun;
    private boolean lackedStamps;
    /** The tables whose triggers have changed, until it is known what to do about it. */
    private final Set<Long> changed = new HashSet<>();

    private boolean missedSome;
    /** Without a journal: tables whose triggers were changed, to be announced once they are correct. */
    private final Set<Long> corrected = new HashSet<>();
    /** Watched tables of which changes or rows may have been missed, until that is announced. */
    private final Set<Long> replaced = new HashSet<>();
    /** Tables that are not watched any more, by their names, until that is announced; empty if their former state is unknown. */
    private final Map<String, Optional<WatchedTable>> departed = new HashMap<>();

    /** Tables that no pattern matched any more when the catalog was last read. */
    private Set<String> left = Set.of();

    /** @param storing whether to store the state of the tables for the next task */
    Drift(ObjectNames names, boolean storing) {
        this.connector = names.connector();
        this.stamps = new Stamps(names);
        this.storing = storing;
    }

    /** Reads the state of the tables for the first time in a session. */
    TableStates begin(Connection looking) throws SQLException {
        TableStates look = stamps.read(looking);
        if (!begun && storing) {
            stored = stamps.stored(looking);
            lastSeen = stored;
            lackedStamps = stored == null;
            begun = true;
        }
        compare(looking, look);
        return look;
    }

    /** Reads the state of the tables, and compares it with the last one. */
    TableStates look(Connection looking) throws SQLException {
        TableStates look = stamps.read(looking);
        compare(looking, look);
        return look;
    }

    private void compare(Connection looking, TableStates look) throws SQLException {
        if (lastSeen == null || lastSeen.equals(look)) {
            return;
        }
        Set<Long> otherTriggers = lastSeen.changedTriggers(look);
        foundThemChanged |= !otherTriggers.isEmpty();
        changed.addAll(otherTriggers);
        Set<Long> otherRows = lastSeen.replacedRows(look);
        replaced.addAll(otherRows);
        warnOf(looking, otherTriggers, "the tables, their triggers or their functions were changed or created again");
        warnOf(looking, otherRows, "the rows were replaced without a trigger, for example by TRUNCATE or VACUUM FULL");
        lastSeen = look;
    }

    private void warnOf(Connection looking, Set<Long> tables, String reason) throws SQLException {
        if (!tables.isEmpty()) {
            String names = names(looking, tables);
            repeated.log(
                    reason + names,
                    more -> log.warn(
                            "Connector {}: {} watched tables ({}): {}. A resync record is published if changes may have"
                                    + " been lost.{}",
                            connector,
                            tables.size(),
                            names,
                            reason,
                            more));
        }
    }

    private static String names(Connection looking, Set<Long> tables) throws SQLException {
        try (PreparedStatement statement = looking.prepareStatement(NAMES)) {
            statement.setArray(
                    1, looking.createArrayOf("int8", tables.stream().sorted().toArray()));
            statement.setInt(2, MOST_NAMED);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    /**
     * Takes over the result of reading the catalog. The state of the triggers before that is their required state from
     * then on.
     *
     * @param inPlace whether nothing is left to do
     * @param before the tables watched so far
     * @param inTrouble the names of those that were in trouble so far
     */
    void settle(
            InstallSession found, TableStates look, boolean inPlace, List<WatchedTable> before, Set<String> inTrouble) {
        lastSeen = inPlace ? look : null;
        List<Long> unannounced = found.tables().stream()
                .filter(table -> !cameBack(table, found, inTrouble) || found.corrects(table))
                .map(table -> table.shape().oid())
                .filter(table -> changed.contains(table) && !found.announces(table))
                .toList();
        if (storing) {
            missedSome |= !unannounced.isEmpty();
        } else {
            corrected.addAll(unannounced);
        }
        found.tables().stream()
                .filter(table -> cameBack(table, found, inTrouble))
                .forEach(table -> replaced.add(table.shape().oid()));
        replaced.removeIf(table -> found.announces(table)
                || found.tables().stream().noneMatch(watched -> watched.shape().oid() == table));
        changed.clear();
        depart(found, before, inTrouble);
    }

    /** Some of the watchers of a table in trouble may fit: then it is among the tables as well. */
    private static boolean cameBack(WatchedTable table, InstallSession found, Set<String> inTrouble) {
        String name = table.shape().name().toString();
        return inTrouble.contains(name) && !found.unwatched().containsKey(name);
    }

    private void depart(InstallSession found, List<WatchedTable> before, Set<String> inTrouble) {
        Set<String> now = found.tables().stream()
                .map(table -> table.shape().name().toString())
                .collect(Collectors.toSet());
        for (WatchedTable table : before) {
            String name = table.shape().name().toString();
            if (!now.contains(name)) {
                departed.put(name, Optional.of(table));
            }
        }
        found.unwatched().keySet().stream()
                .filter(name -> !inTrouble.contains(name)
                        && !now.contains(name)
                        && found.formerTables().contains(name))
                .forEach(name -> departed.putIfAbsent(name, Optional.empty()));
        for (String name : found.left()) {
            if (!left.contains(name)) {
                log.warn(
                        "Connector {}: {} is not watched any more, since no pattern matches it: it was dropped, renamed,"
                                + " or attached to another table as a partition. A resync record tells its consumers.",
                        connector,
                        name);
            }
            if (storing) {
                departed.remove(name); // the removal of its functions announces it
            } else if (!left.contains(name)) {
                departed.putIfAbsent(name, Optional.empty());
            }
        }
        left = found.left();
    }

    /** Stores the state, unless a difference is not announced yet: if this task ends, the next one has to find it. */
    void store(Connection looking) throws SQLException {
        if (storing
                && lastSeen != null
                && !lastSeen.equals(stored)
                && !missedSome
                && replaced.isEmpty()
                && changed.isEmpty()) {
            stamps.store(looking, lastSeen);
            stored = lastSeen;
        }
    }

    /** Records that triggers were created later than others. With a journal, the installation announces that. */
    void lateTriggers(Set<Long> tables) {
        if (!storing) {
            replaced.addAll(tables);
        }
    }

    /** Records that triggers were created that had failed before: their tables may have been without triggers. */
    void retried() {
        foundThemChanged = true;
        lastSeen = null;
    }

    /** Begins a new check. */
    void nothingFoundYet() {
        foundThemChanged = false;
    }

    boolean foundThemChanged() {
        return foundThemChanged;
    }

    /** Whether the triggers were not checked since they were created. */
    boolean unseen() {
        return lastSeen == null;
    }

    boolean missedSome() {
        return missedSome;
    }

    Set<Long> replaced() {
        return replaced;
    }

    Set<Long> corrected() {
        return corrected;
    }

    Map<String, Optional<WatchedTable>> departed() {
        return departed.isEmpty() ? Map.of() : Map.copyOf(departed);
    }

    /** @param all whether also what was missed of any table is announced */
    void announced(boolean all) {
        if (all) {
            missedSome = false;
            corrected.clear();
        }
        replaced.clear();
        departed.clear();
    }

    /**
     * Records that a resync of every watched table was announced.
     *
     * @param right whether their triggers were correct before
     */
    void announcedEveryTable(boolean right) {
        replaced.clear();
        if (right) {
            missedSome = false;
            corrected.clear();
        }
    }

    /** Whether the state of the tables is stored, or need not be. */
    boolean hasStored() {
        return !storing || stored != null;
    }

    boolean lackedStamps() {
        return lackedStamps;
    }

    /** Whether the state is known to be correct, and is stored if it has to be. */
    boolean settled() {
        return lastSeen != null && changed.isEmpty() && (!storing || lastSeen.equals(stored));
    }
}
