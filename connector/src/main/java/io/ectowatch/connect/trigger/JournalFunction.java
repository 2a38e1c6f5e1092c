package io.ectowatch.connect.trigger;

import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.protocol.BackfillRow;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.protocol.ObjectNames;
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

    private static final FunctionTemplate TEMPLATE = FunctionTemplate.load("durable.sql");

    /** Before the size of the entries is known. */
    private static final int FIRST_BATCH = 8;

    private static final String LSN = "pg_current_wal_insert_lsn()";

    /**
     * If the partition is a foreign table, the transaction may have no ID yet. The task finds a row by its LSN only if the
     * transaction had its ID before.
     */
    private static final String LSN_WITH_ID = "CASE WHEN pg_current_xact_id() IS NOT NULL THEN " + LSN + " END";

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
        values.put("lsn", mayBeForeign(operation) ? LSN_WITH_ID : LSN);
        values.put("checks per entry byte", checksPerByte(values.getOrDefault("max bytes", "")));
        boolean fits = sql.alwaysFits();
        values.put("first batch", Integer.toString(fits ? SMALL_ENTRIES_PER_ROW : FIRST_BATCH));
        values.put("entries per row", Integer.toString(fits ? SMALL_ENTRIES_PER_ROW : LARGE_ENTRIES_PER_ROW));
        values.put("row bytes", Integer.toString(ROW_BYTES));
        Set<String> flags = sql.single(values, operation);
        boolean rows = operation != Operation.TRUNCATE;
        Optional<BulkKeySql> keys = rows ? BulkKeySql.of(table) : Optional.empty();
        keys.ifPresent(all -> all.addTo(values));
        values.put("changes", sql.changes(operation, keys.isPresent()));
        OrderSql.addTo(values, names, table, operation, sql.isPlain());
        if (rows && DeferrableKeySql.isNeeded(table)) {
            values.put("find repeated keys", DeferrableKeySql.find(names, table, operation, sql));
            values.put("resync", EventCode.RESYNC.sql());
        }
        flags.addAll(flags(operation, keys));
        flags.addAll(journal.context().flags());
        return TEMPLATE.fill(values, flags);
    }

    /** Whether a changed row may be in a partition that is a foreign table. */
    private boolean mayBeForeign(Operation operation) {
        TableShape.Triggers triggers = table.shape().triggers();
        return operation.forEachRow(triggers) && triggers != TableShape.Triggers.CHOSEN_ROW;
    }

    /** Flags besides those of {@link ChangeSql#single}. */
    private Set<String> flags(Operation operation, Optional<BulkKeySql> keys) {
        boolean wanted = operation != Operation.UPDATE || table.events().contains(Event.UPDATED);
        boolean rows = operation != Operation.TRUNCATE;
        boolean integers = keys.filter(BulkKeySql::integers).isPresent();
        boolean entries = rows && (keys.isEmpty() || operation == Operation.UPDATE);
        boolean repeating = rows && DeferrableKeySql.isNeeded(table);
        Map<String, Boolean> flags = Map.ofEntries(
                Map.entry(operation.text(), true),
                Map.entry("pinned", !sql.pinnedSettings().isEmpty()),
                Map.entry("columns", rows),
                Map.entry("ordered", rows),
                Map.entry(
                        "statement trigger", !operation.forEachRow(table.shape().triggers())),
                Map.entry("wanted", wanted),
                Map.entry("keys", keys.isPresent()),
                Map.entry("integers", integers),
                Map.entry("runs", integers && wanted),
                Map.entry("entries", entries),
                Map.entry("entries declared", entries || !rows),
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
     * A row is checked the more often the larger it is, so that a few hundred large rows cannot take much more than the
     * limit. Only with a small limit, the product of the factor and the size of the largest entry is no integer.
     */
    private static String checksPerByte(String maxBytes) {
        long checks = Math.min(8_000, (8L << 32) / Long.parseLong(maxBytes));
        return checks * ENTRY_BYTES > Integer.MAX_VALUE ? checks + "::int8" : Long.toString(checks);
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

    /** The task reads the rows that are there already, if it is configured to. */
    @Override
    public Optional<String> firstTime() {
        return Optional.of(BackfillRow.writeFirst(names, layoutId));
    }
}
