package io.ectowatch.connect.install.drift;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The state of the watched tables at one time.
 *
 * @param triggers for each table, by its OID, a number that changes with its triggers, their functions, the table's
 *     name or its primary key
 * @param storage for each table and partition, the storage of its rows
 */
record TableStates(Map<Long, Long> triggers, Map<Long, Storage> storage) {

    /**
     * The storage of the rows of a table or partition.
     *
     * @param root the watched table that it belongs to
     * @param state a number that changes when it is replaced without a trigger, as by TRUNCATE
     */
    record Storage(long root, long state) {}

    TableStates {
        triggers = Map.copyOf(triggers);
        storage = Map.copyOf(storage);
    }

    /** The tables whose triggers differ in {@code now}, or that are in only one of the two. */
    Set<Long> changedTriggers(TableStates now) {
        Map<Long, Long> all = new HashMap<>(triggers);
        all.putAll(now.triggers);
        Set<Long> changed = new HashSet<>();
        for (Long table : all.keySet()) {
            if (!all.get(table).equals(triggers.get(table)) || !now.triggers.containsKey(table)) {
                changed.add(table);
            }
        }
        return changed;
    }

    /** The watched tables of which some storage differs in {@code now}. */
    Set<Long> replacedRows(TableStates now) {
        Set<Long> replaced = new HashSet<>();
        storage.forEach((relation, before) -> {
            Storage after = now.storage.get(relation);
            if (after != null && after.state() != before.state()) {
                replaced.add(before.root());
            }
        });
        return replaced;
    }
}
