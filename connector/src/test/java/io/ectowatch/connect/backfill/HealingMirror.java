package io.ectowatch.connect.backfill;

import io.ectowatch.connect.record.Change;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The consumer that {@code docs/backfill.md} describes: a copy of a table, made only from records, that heals itself. */
final class HealingMirror {

    private final Map<Object, Object> rows = new TreeMap<>();
    private final Map<String, Set<Object>> seen = new HashMap<>();

    void apply(Change change) {
        Object key = change.values() == null ? null : change.values()[0];
        switch (change.event()) {
            case INSERTED, UPDATED -> {
                rows.put(key, change.values()[1]);
                seen.values().forEach(keys -> keys.add(key));
            }
            case DELETED -> rows.remove(key);
            case TRUNCATED -> rows.clear();
            case READ -> {
                rows.put(key, change.values()[1]);
                seen.computeIfAbsent(change.backfill().id(), any -> new HashSet<>())
                        .add(key);
            }
            case BACKFILLED -> {
                Set<Object> there = seen.remove(change.backfill().id());
                rows.keySet().retainAll(there == null ? Set.of() : there);
            }
            case BACKFILL_STOPPED -> seen.remove(change.backfill().id());
            case RESYNC -> {}
        }
    }

    Map<Object, Object> rows() {
        return rows;
    }
}
