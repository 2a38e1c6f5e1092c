package io.ectowatch.connect.generated;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.generated.Content.Image;
import io.ectowatch.connect.generated.Effect.RowChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Compares the records of a watcher with what transactions have made of its table. */
final class Comparison {

    /** A committed transaction as one table saw it: the effects of its statements, in order. */
    record Seen(long id, Content before, Content after, List<Effect> effects) {

        boolean exact() {
            return effects.stream().allMatch(Effect::exact);
        }

        boolean truncated() {
            return effects.stream().anyMatch(Effect::truncated);
        }
    }

    private final Watcher watcher;
    private final Expectation expectation;
    private final boolean truncationsWatched;

    /** @param truncationsWatched whether a watcher of the table, not necessarily this one, publishes truncations */
    Comparison(Watcher watcher, boolean truncationsWatched) {
        this.watcher = watcher;
        this.truncationsWatched = truncationsWatched;
        expectation = new Expectation(watcher);
    }

    /** Whether a {@code resync} may follow, as {@code docs/events.md} and {@code docs/durable.md} say. */
    boolean mayBeUnsure(List<Seen> transactions) {
        return transactions.stream().anyMatch(seen -> !seen.exact() || seen.truncated() && !truncationsWatched);
    }

    /**
     * The difference, or null.
     *
     * @param records what the watcher has published of this transaction
     * @param resynced waits for a {@code resync}, after which the consumer reads the table again
     */
    Failure of(Seen seen, List<Published> records, BooleanSupplier resynced) {
        if (seen.exact()) {
            return compareExactly(seen, records);
        }
        Failure failure = compareLast(seen, records);
        return failure == null || failure.kind().equals("unchanged row") || !resynced.getAsBoolean() ? failure : null;
    }

    private Failure compareExactly(Seen seen, List<Published> records) {
        Map<String, List<List<List<String>>>> expected = new LinkedHashMap<>();
        int part = 0;
        int truncations = 0;
        boolean truncates = watcher.events().contains(Event.TRUNCATED);
        for (Effect effect : seen.effects()) {
            if (effect.truncated() && truncates) {
                part++;
                truncations++;
            }
            for (RowChange change : effect.changes()) {
                expected.computeIfAbsent(part + ": " + change.key(), key -> new ArrayList<>())
                        .add(expectation.of(change));
            }
        }
        Map<String, List<String>> actual = new LinkedHashMap<>();
        part = 0;
        for (Published record : records) {
            if (record.event().equals("truncated")) {
                part++;
                truncations--;
            } else {
                actual.computeIfAbsent(part + ": " + record.key(), key -> new ArrayList<>())
                        .add(record.text());
            }
        }
        if (truncations != 0) {
            return failure("truncations", seen, "", truncations + " more expected", records);
        }
        Set<String> keys = new LinkedHashSet<>(expected.keySet());
        keys.addAll(actual.keySet());
        for (String key : keys) {
            List<List<List<String>>> steps = expected.getOrDefault(key, List.of());
            List<String> published = actual.getOrDefault(key, List.of());
            if (!matches(steps, published)) {
                return failure("records", seen, key, steps + "\nbut was\n" + published, records);
            }
        }
        return null;
    }

    /** Whether the records are those of each step, one after another. */
    private static boolean matches(List<List<List<String>>> steps, List<String> records) {
        if (steps.isEmpty()) {
            return records.isEmpty();
        }
        return steps.get(0).stream()
                .anyMatch(option -> records.size() >= option.size()
                        && records.subList(0, option.size()).equals(option)
                        && matches(steps.subList(1, steps.size()), records.subList(option.size(), records.size())));
    }

    /** Rows have changed more than once within a statement: the last record of each key must agree with the table. */
    private Failure compareLast(Seen seen, List<Published> records) {
        Map<String, Published> last = new HashMap<>();
        Set<String> touched = new HashSet<>();
        boolean cleared = false;
        for (Published record : records) {
            if (record.event().equals("truncated")) {
                last.clear();
                cleared = true;
            } else {
                last.put(record.key(), record);
                touched.add(record.key());
            }
        }
        Set<String> keys = new LinkedHashSet<>(seen.before().rows().keySet());
        keys.addAll(seen.after().rows().keySet());
        keys.addAll(last.keySet());
        for (String key : keys) {
            Image before = seen.before().rows().get(key);
            Image after = seen.after().rows().get(key);
            Published record = last.get(key);
            if (before != null && after != null && before.place().equals(after.place())) {
                if (touched.contains(key)) {
                    return failure("unchanged row", seen, key, "no record", records);
                }
            } else if (watcher.publishesAll() && watcher.table().kind() != GeneratedTable.Kind.PARENT) {
                if (after != null) {
                    String values = watcher.extras().isEmpty() ? null : after.key(watcher.extras());
                    if (record == null
                            || record.event().equals("deleted")
                            || !String.valueOf(record.values()).equals(String.valueOf(values))) {
                        return failure("last record", seen, key, "the values " + values, records);
                    }
                } else if (record == null
                        ? before != null && !cleared && !seen.truncated()
                        : !record.event().equals("deleted") && !seen.truncated()) {
                    return failure("last record", seen, key, "deleted", records);
                }
            }
        }
        return null;
    }

    private Failure failure(String kind, Seen seen, String key, String expected, List<Published> records) {
        return new Failure(
                kind,
                "watcher " + watcher.name() + " of " + watcher.table().name() + ", transaction " + seen.id() + ", key "
                        + key + ":\nexpected " + expected + "\nall records of the transaction:\n"
                        + String.join(
                                "\n", records.stream().map(Published::text).toList()));
    }
}
