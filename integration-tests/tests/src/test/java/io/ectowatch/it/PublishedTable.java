package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.testkit.ReceivedRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Follows the records of one table {@code (id int, n int)}. It keeps a copy that is made only from records, as
 * {@code docs/backfill.md} describes. If the initial rows are given, it also checks that each record agrees with the records
 * before it. One thread applies records; others may look at the result.
 */
final class PublishedTable {

    /** Why a backfill may end; the empty text stands for the end of the table. */
    private static final Set<String> EXPECTED_ENDS = Set.of(
            "",
            "it was stopped by a call",
            "changes of the table may have been lost meanwhile; another backfill follows");

    private final String name;
    private final Predicate<String> wholeTable;

    /** The copy, which knows only records. */
    private final Map<Integer, Integer> copy = new TreeMap<>();

    /** For each backfill that is running, the keys that are there. */
    private final Map<String, Set<Integer>> seen = new HashMap<>();

    /** The rows according to the initial rows and all changes; null if changes without records are expected. */
    private final Map<Integer, Integer> rows;

    private final Map<Integer, List<String>> changes = new HashMap<>();
    private final Set<String> ids = new HashSet<>();
    private final Map<String, Integer> reads = new HashMap<>();
    private final Map<String, String> ends = new HashMap<>();
    private int records;
    private int resyncs;

    /**
     * @param wholeTable whether the backfill with an id has no condition
     * @param initial the rows before the first change, or null if some changes are made without triggers
     */
    PublishedTable(String name, Predicate<String> wholeTable, Map<Integer, Integer> initial) {
        this.name = name;
        this.wholeTable = wholeTable;
        this.rows = initial == null ? null : new HashMap<>(initial);
    }

    /** Takes the next record. It must be no duplicate. */
    synchronized void apply(ReceivedRecord record) {
        String id = record.value().get("id").asText();
        String event = record.value().get("event").asText();
        assertThat(ids.add(id)).as("this record is new: %s", record).isTrue();
        records++;
        String backfill = record.headers().get("ectowatch.backfill");
        Integer key = record.key() == null ? null : record.key().get("id").asInt();
        switch (event) {
            case "inserted", "updated" -> changed(record, key, value(record));
            case "deleted" -> changed(record, key, null);
            case "read" -> read(record, backfill, key, value(record));
            case "backfilled" -> ended(record, backfill);
            case "backfill_stopped" -> {
                seen.remove(backfill);
                assertThat(ends.put(backfill, record.headers().get("ectowatch.backfill.reason")))
                        .as("it ends once: %s", record)
                        .isNull();
            }
            case "resync" -> resyncs++;
            default -> throw new AssertionError("unexpected: " + record);
        }
    }

    private static Integer value(ReceivedRecord record) {
        return record.value().get("values").get("n").asInt();
    }

    private void changed(ReceivedRecord record, Integer key, Integer value) {
        changes.computeIfAbsent(key, any -> new ArrayList<>())
                .add(line(
                        record.value().get("txid").asLong(),
                        record.value().get("event").asText(),
                        value));
        set(copy, key, value);
        if (rows != null) {
            set(rows, key, value);
        }
        if (value != null) {
            seen.values().forEach(keys -> keys.add(key));
        }
    }

    /** A change as the ledger has it. */
    static String line(long txid, String event, Integer value) {
        return txid + " " + event + " " + value;
    }

    private static void set(Map<Integer, Integer> map, Integer key, Integer value) {
        if (value == null) {
            map.remove(key);
        } else {
            map.put(key, value);
        }
    }

    private void read(ReceivedRecord record, String backfill, Integer key, Integer value) {
        assertThat(ends)
                .as("a backfill that has ended reads no more: %s", record)
                .doesNotContainKey(backfill);
        if (rows != null) {
            assertThat(value)
                    .as("the row agrees with the records before it: %s, %s", record, changes.get(key))
                    .isEqualTo(rows.get(key));
        }
        copy.put(key, value);
        seen.computeIfAbsent(backfill, any -> new HashSet<>()).add(key);
        reads.merge(backfill, 1, Integer::sum);
    }

    private void ended(ReceivedRecord record, String backfill) {
        assertThat(ends.put(backfill, "")).as("it ends once: %s", record).isNull();
        assertThat(record.headers().get("ectowatch.backfill.count"))
                .as("the number of rows: %s", record)
                .isEqualTo(String.valueOf(reads.getOrDefault(backfill, 0)));
        Set<Integer> there = seen.remove(backfill);
        if (!wholeTable.test(backfill)) {
            return;
        }
        Set<Integer> keys = there == null ? Set.of() : there;
        if (rows != null) {
            assertThat(keys).as("no row was left out: %s", record).containsAll(rows.keySet());
        }
        copy.keySet().retainAll(keys);
    }

    /**
     * Compares what was published with the table at the end.
     *
     * @param ledger the changes of each key in their order, as {@link #line}; null if some are made without triggers
     * @param table the rows of the table
     */
    synchronized void assertAgrees(Map<Integer, List<String>> ledger, Map<Integer, Integer> table) {
        if (ledger != null) {
            assertThat(changes)
                    .as("the changes of each key of %s, in order", name)
                    .isEqualTo(ledger);
        }
        assertThat(copy).as("the copy of %s", name).isEqualTo(table);
        ends.forEach((id, reason) ->
                assertThat(reason).as("the end of backfill %s of %s", id, name).isIn(EXPECTED_ENDS));
    }

    /** The copy that was made only from records. */
    synchronized Map<Integer, Integer> copy() {
        return new TreeMap<>(copy);
    }

    /** The backfills that have ended; the reason if one has ended early, or else an empty text. */
    Map<String, String> ends() {
        return ends;
    }

    synchronized int resyncs() {
        return resyncs;
    }

    @Override
    public synchronized String toString() {
        return "%s: %d records, %d of %d backfills complete, %d rows read, %d resyncs"
                .formatted(
                        name,
                        records,
                        ends.values().stream().filter(String::isEmpty).count(),
                        ends.size(),
                        reads.values().stream().mapToInt(Integer::intValue).sum(),
                        resyncs);
    }
}
