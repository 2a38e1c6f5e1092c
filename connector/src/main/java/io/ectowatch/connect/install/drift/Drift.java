package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
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

    private static final int MOST_NAMED = 20;

    private final String connector;
    private final Stamps stamps;
    private final boolean storing;

    private boolean foundThemChanged;
    /** How the triggers of each table looked last; null as long as that is only about to be what it should be. */
    private @Nullable TableStates lastSeen;
    /** What of it is stored in the database; null for nothing. */
    private @Nullable TableStates stored;

    private boolean begun;
    private boolean lackedStamps;
    /** The tables whose triggers have looked otherwise, until it is known what must be done about it. */
    private final Set<Long> changed = new HashSet<>();

    /** Whether what somebody has changed may not be as it has to be yet. */
    private boolean mending;

    private boolean missedSome;
    /** Watched tables of which changes or rows may have been missed, until that is announced. */
    private final Set<Long> replaced = new HashSet<>();
    /** Tables that are not watched any more, by their names, until that is announced; as they were, if that is known. */
    private final Map<String, Optional<WatchedTable>> departed = new HashMap<>();

    /** Tables that no pattern matched any more when the catalog was last read. */
    private Set<String> left = Set.of();

    /** {@code storing}: whether the next task has to know how the tables looked. */
    Drift(ObjectNames names, boolean storing) {
        this.connector = names.connector();
        this.stamps = new Stamps(names);
        this.storing = storing;
    }

    /** Looks for the first time in a session. */
    TableStates begin(Connection looking) throws SQLException {
        TableStates look = stamps.read(looking);
        if (!begun && storing) {
            stored = stamps.stored(looking);
            lastSeen = stored;
            lackedStamps = stored == null;
            begun = true;
        }
        compare(look);
        return look;
    }

    /** Looks, and compares that with what was seen before. */
    TableStates look(Connection looking) throws SQLException {
        TableStates look = stamps.read(looking);
        compare(look);
        return look;
    }

    private void compare(TableStates look) {
        if (lastSeen == null || lastSeen.equals(look)) {
            return;
        }
        Set<Long> otherTriggers = lastSeen.changedTriggers(look);
        foundThemChanged |= !otherTriggers.isEmpty();
        changed.addAll(otherTriggers);
        Set<Long> otherRows = lastSeen.replacedRows(look);
        replaced.addAll(otherRows);
        warnOf(otherTriggers, "the tables, their triggers or their functions were changed or created again");
        warnOf(otherRows, "the rows were replaced without a trigger, for example by TRUNCATE or VACUUM FULL");
        lastSeen = look;
    }

    private void warnOf(Set<Long> tables, String reason) {
        if (!tables.isEmpty()) {
            log.warn(
                    "Connector {}: {} watched tables (OIDs {}): {}. A resync record is published if changes may have"
                            + " been lost.",
                    connector,
                    tables.size(),
                    tables.stream().sorted().limit(MOST_NAMED).toList(),
                    reason);
        }
    }

    /**
     * Takes over what has been found in the catalog. How the triggers looked before they were found to be in place is how
     * they have to look from then on.
     *
     * @param inPlace whether nothing is left to do
     * @param before the tables watched so far
     * @param inTrouble the names of those that were in trouble so far
     */
    void settle(
            InstallSession found, TableStates look, boolean inPlace, List<WatchedTable> before, Set<String> inTrouble) {
        lastSeen = inPlace ? look : null;
        missedSome |= found.tables().stream()
                .map(table -> table.shape().oid())
                .anyMatch(table -> changed.contains(table) && !found.announces(table));
        found.tables().stream()
                .filter(table -> inTrouble.contains(table.shape().name().toString()))
                .forEach(table -> replaced.add(table.shape().oid()));
        replaced.removeIf(table -> found.announces(table)
                || found.tables().stream().noneMatch(watched -> watched.shape().oid() == table));
        mending |= !changed.isEmpty();
        changed.clear();
        depart(found, before, inTrouble);
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
                .filter(name ->
                        !inTrouble.contains(name) && found.formerTables().contains(name))
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
            }
        }
        left = found.left();
    }

    /** What has not been announced yet must still be found by the next task, should this one end. */
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

    /** Says that all that was found to be missing is in place. */
    void mended() {
        mending = false;
    }

    /** Says that triggers were made that had failed before: so their tables may have been without. */
    void retried() {
        foundThemChanged = true;
        lastSeen = null;
    }

    /** Forgets that something was found to be changed. */
    void nothingFoundYet() {
        foundThemChanged = false;
    }

    boolean foundThemChanged() {
        return foundThemChanged;
    }

    /** Whether the triggers have not been looked at since they were made. */
    boolean unseen() {
        return lastSeen == null;
    }

    boolean missedSome() {
        return missedSome;
    }

    Set<Long> replaced() {
        return replaced;
    }

    Map<String, Optional<WatchedTable>> departed() {
        return Map.copyOf(departed);
    }

    /** {@code all}: also what was missed of any table. */
    void announced(boolean all) {
        missedSome &= !all;
        replaced.clear();
        departed.clear();
    }

    /** Whether the next task knows how the tables looked, if it has to. */
    boolean hasStored() {
        return !storing || stored != null;
    }

    boolean lackedStamps() {
        return lackedStamps;
    }

    /** Whether triggers may not be as they have to be. */
    boolean underWay() {
        return mending || !changed.isEmpty();
    }

    /** Whether all has been seen as it has to be, and is stored if it has to be. */
    boolean settled() {
        return lastSeen != null && changed.isEmpty() && (!storing || lastSeen.equals(stored));
    }
}
