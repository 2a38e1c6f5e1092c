package io.ectowatch.it.faults;

import io.ectowatch.it.faults.WatchedTables.Content;
import io.ectowatch.testkit.ReceivedRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The records of one table: its changes since the last comparison, and a copy of the table that is made only from records.
 * The thread that reads records and the test use it.
 */
final class PublishedChanges {

    private final Set<String> ids = new HashSet<>();
    private final Map<Integer, Integer> copy = new TreeMap<>();
    private final Map<Integer, List<String>> changes = new HashMap<>();
    private int records;
    private int duplicates;
    private int resyncs;
    private int marker = Integer.MIN_VALUE;

    /**
     * What differs from the table and its ledger.
     *
     * @param losses changes without a record
     * @param phantoms records without a change
     * @param disorders keys whose changes arrived in another order
     * @param wrongRows keys for which the copy differs from the table
     * @param examples some of the differences as text
     */
    record Difference(
            int records,
            int duplicates,
            int resyncs,
            int losses,
            int phantoms,
            int disorders,
            int wrongRows,
            List<String> examples) {

        boolean isEmpty() {
            return losses + phantoms + disorders + wrongRows == 0;
        }
    }

    /** Takes the next record. A record that arrives again is a duplicate, which changes the copy too. */
    synchronized void apply(ReceivedRecord record) {
        String event = record.value().get("event").asText();
        Integer key = record.key() == null ? null : record.key().get("id").asInt();
        Integer value = event.equals("inserted") || event.equals("updated")
                ? (Integer) record.value().get("values").get("n").asInt()
                : null;
        boolean first = ids.add(record.value().get("id").asText());
        records++;
        duplicates += first ? 0 : 1;
        switch (event) {
            case "resync" -> resyncs++;
            case "truncated" -> {
                copy.keySet().removeIf(any -> true);
                for (int each = 0; first && each < WatchedTables.KEYS; each++) {
                    changed(record, each, null);
                }
            }
            default -> {
                if (value == null) {
                    copy.remove(key);
                } else {
                    copy.put(key, value);
                }
                if (key == WatchedTables.MARKER) {
                    marker = value == null ? marker : Math.max(marker, value);
                } else if (first) {
                    changed(record, key, value);
                }
            }
        }
    }

    private void changed(ReceivedRecord record, int key, Integer value) {
        long txid = record.value().get("txid").asLong();
        changes.computeIfAbsent(key, any -> new ArrayList<>())
                .add(WatchedTables.line(txid, record.value().get("event").asText(), value));
    }

    /** Whether the marker has arrived. */
    synchronized boolean hasMarker(int value) {
        return marker >= value;
    }

    /** Compares, and then makes the copy equal to the table. */
    synchronized Difference compare(Content table) {
        List<String> examples = new ArrayList<>();
        int losses = 0;
        int phantoms = 0;
        int disorders = 0;
        Set<Integer> keys = new HashSet<>(changes.keySet());
        keys.addAll(table.changes().keySet());
        for (Integer key : keys) {
            List<String> expected = table.changes().getOrDefault(key, List.of());
            List<String> arrived = changes.getOrDefault(key, List.of());
            if (expected.equals(arrived)) {
                continue;
            }
            List<String> lost = without(expected, arrived);
            List<String> added = without(arrived, expected);
            losses += lost.size();
            phantoms += added.size();
            disorders += without(expected, lost).equals(without(arrived, added)) ? 0 : 1;
            examples.add("key " + key + " lost " + lost + ", added " + added + ": expected " + expected + ", arrived "
                    + arrived);
        }
        Set<Integer> rows = new HashSet<>(copy.keySet());
        rows.addAll(table.rows().keySet());
        int wrong = 0;
        for (Integer key : rows) {
            if (!java.util.Objects.equals(copy.get(key), table.rows().get(key))) {
                wrong++;
                examples.add("row " + key + ": " + table.rows().get(key) + ", copy: " + copy.get(key));
            }
        }
        Difference difference = new Difference(
                records,
                duplicates,
                resyncs,
                losses,
                phantoms,
                disorders,
                wrong,
                examples.subList(0, Math.min(examples.size(), 3)));
        records = 0;
        duplicates = 0;
        resyncs = 0;
        changes.clear();
        copy.clear();
        copy.putAll(table.rows());
        return difference;
    }

    /** The elements of a list without those of another one. An element that is there twice counts twice. */
    private static List<String> without(List<String> list, List<String> removed) {
        List<String> left = new ArrayList<>(list);
        removed.forEach(left::remove);
        return left;
    }
}
