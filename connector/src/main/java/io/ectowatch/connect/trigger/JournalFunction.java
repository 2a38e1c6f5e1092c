package io.ectowatch.connect.trigger;

import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.protocol.RingBits;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Generates the function that a table's trigger calls in {@code durable} delivery: it writes a journal row for the
 * single change of most statements, or for each thousand of many. The body of a row is its entries, see {@link
 * ChangeSql}, separated by commas; or a key run, see {@link KeyRangeSql}.
 */
public final class JournalFunction implements TriggerFunction {

    /** Kafka's default for the largest record is 1 MiB, and a record is somewhat larger than its entry. */
    private static final int ENTRY_BYTES = 512 * 1024;

    private static final int SMALL_ENTRIES_PER_ROW = 1_000;
    private static final int LARGE_ENTRIES_PER_ROW = 100;

    /** A row is read at once, which limits its size in memory. It may have at most one more entry. */
    private static final int ROW_BYTES = 1 << 20;

    private static final String CHECKED = "pg_lsn_hash(change_lsn) < -2130706432";

    private static final FunctionTemplate TEMPLATE = FunctionTemplate.load("durable.sql");
    private static final Template ENTRIES = Template.load("journal-entries.sql");
    private static final Template FAILED = Template.load("journal-failed.sql");

    /** Before the size of the entries is known. */
    private static final int FIRST_BATCH = 8;

    private final ObjectNames names;
    private final JournalPlaces journal;
    private final WatchedTable table;
    private final int layoutId;
    private final ChangeSql sql;

    /** @param layoutId the number of the table's layout in the journal */
    public JournalFunction(ObjectNames names, JournalPlaces journal, WatchedTable table, int layoutId) {
        this.names = names;
        this.journal = journal;
        this.table = table;
        this.layoutId = layoutId;
        this.sql = new ChangeSql(names, table, ENTRY_BYTES);
    }

    @Override
    public FunctionSql sql(Operation operation) {
        Map<String, String> values = new HashMap<>(journal.values());
        TriggerFunction.addTo(values, names, table, operation);
        values.put("settings", sql.pinnedSettings());
        values.put("layout", Integer.toString(layoutId));
        values.put("lost name", SqlText.literal(SqlText.identifier(names.schema(), names.lostSequence())));
        if (!sql.isPlain() && operation != Operation.TRUNCATE) {
            boolean update = operation == Operation.UPDATE;
            values.put("entry", update ? sql.boundedRefined() : "c.entry");
            values.put("unlike", update ? manyIf("c.unlike") : "");
            values.put("rows", sql.single(operation));
        } else {
            switch (operation) {
                case INSERT -> one(values, "r", "", "(" + sql.newRows(operation) + ") AS r");
                case DELETE -> one(values, "r", "", "(" + sql.oldRows(operation) + ") AS r");
                case UPDATE ->
                    one(
                            values,
                            "n",
                            manyIf(sql.keysDiffer("n", "o")),
                            "(" + sql.newRows(operation) + ") AS n, (" + sql.oldRows(operation) + ") AS o");
                case TRUNCATE -> {
                    values.put("entry", "'null'");
                    values.put("unlike", "");
                    values.put("rows", "(SELECT) AS nothing");
                }
            }
        }
        values.put("event", operation.code().sql());
        values.put("on failure", FAILED.fill(values).stripTrailing());
        values.put(
                "too large or to be checked", sql.alwaysFits() ? CHECKED : tooLargeOrChecked(values.get("max bytes")));
        Set<String> flags = flags(operation);
        many(values, operation, flags);
        if (flags.contains("repeating")) {
            values.put("find repeated keys", DeferrableKeySql.find(names, table, operation, sql));
            values.put("resync", EventCode.RESYNC.sql());
        }
        OrderSql.journal(values, names, table, operation, sql.isPlain());
        return TEMPLATE.fill(values, flags);
    }

    /** What the parts of the templates depend on. */
    private Set<String> flags(Operation operation) {
        boolean wanted = operation != Operation.UPDATE || table.events().contains(Event.UPDATED);
        boolean bulk = operation != Operation.TRUNCATE;
        Optional<BulkKeySql> keys = bulk ? BulkKeySql.of(table) : Optional.empty();
        boolean integers = keys.filter(BulkKeySql::integers).isPresent();
        boolean entries = bulk && (keys.isEmpty() || operation == Operation.UPDATE);
        boolean repeating = bulk && DeferrableKeySql.isNeeded(table);
        Map<String, Boolean> flags = Map.ofEntries(
                Map.entry(operation.text(), true),
                Map.entry("ordered", bulk),
                Map.entry("filtered", bulk && !sql.isPlain()),
                Map.entry("bounded", !sql.alwaysFits()),
                Map.entry("wanted", wanted),
                Map.entry("keys", keys.isPresent()),
                Map.entry("integers", integers),
                Map.entry("runs", integers && wanted),
                Map.entry("entries", entries),
                Map.entry("entries declared", entries || !bulk),
                Map.entry("keys and entries", keys.isPresent() && entries),
                Map.entry("repeating", repeating),
                Map.entry("repeating at once", repeating && operation != Operation.UPDATE),
                Map.entry("repeating later", repeating && operation == Operation.UPDATE),
                Map.entry("bell", journal.bell()));
        return flags.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /**
     * Also true if the entry is null; and the more often the larger it is, so that a few hundred large rows cannot
     * take much more than the limit. The factor keeps the product within an integer.
     */
    private static String tooLargeOrChecked(String maxBytes) {
        long factor = Math.min(8_000, (8L << 32) / Long.parseLong(maxBytes));
        return "(" + CHECKED + " + octet_length(entry) * " + factor + ") IS NOT FALSE";
    }

    /** Adds what deals with more than one row, or with a key that has changed. */
    private void many(Map<String, String> values, Operation operation, Set<String> flags) {
        boolean fits = sql.alwaysFits();
        values.put("first batch", Integer.toString(fits ? SMALL_ENTRIES_PER_ROW : FIRST_BATCH));
        values.put("entries per row", Integer.toString(fits ? SMALL_ENTRIES_PER_ROW : LARGE_ENTRIES_PER_ROW));
        values.put("row bytes", Integer.toString(ROW_BYTES));
        values.put("or bytes", fits ? "" : " OR run_bytes >= " + ROW_BYTES);
        boolean keys = flags.contains("keys");
        if (flags.contains("entries")) {
            values.put(
                    "changes",
                    sql.changes(operation, keys ? BulkKeySql::remaining : rows -> rows)
                            .stripTrailing());
            values.put("write entries", ENTRIES.fill(values, flags).stripTrailing());
        }
        if (keys) {
            String newRows = operation == Operation.DELETE ? null : sql.newRows(operation);
            String oldRows = operation == Operation.INSERT ? null : sql.oldRows(operation);
            BulkKeySql.of(table).orElseThrow().addTo(values, newRows, oldRows, flags);
        }
    }

    private void one(Map<String, String> values, String alias, String unlike, String rows) {
        values.put("entry", sql.boundedEntry(alias));
        values.put("unlike", unlike);
        values.put("rows", rows);
    }

    /** Added to the state if a single row needs the path for several rows. */
    private static String manyIf(String condition) {
        return "\n    + " + RingBits.manyIf(condition);
    }

    @Override
    public DeliveryMode delivery() {
        return DeliveryMode.DURABLE;
    }

    /** A journal row like those of the triggers, so it is in the right place among them. */
    @Override
    public Optional<String> announcement() {
        return Optional.of(names.writeResync(layoutId));
    }
}
