package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.postgres.SqlText;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Writes the function that a table's trigger calls in {@code durable} delivery: a journal row for the one change of most
 * statements, or for each thousand of many. A row's body is its entries, see {@link ChangeSql}, separated by commas; or a
 * run of keys, see {@link KeyRun}.
 */
final class JournalFunction implements TriggerFunction {

    /** Kafka's default for the largest record is 1 MiB, and a record is somewhat larger than its entry. */
    private static final int ENTRY_BYTES = 512 * 1024;

    private static final int SMALL_ENTRIES_PER_ROW = 1_000;
    private static final int LARGE_ENTRIES_PER_ROW = 100;

    /** A row is read at once, and with it what it becomes in memory. One entry more than that, at most. */
    private static final int ROW_BYTES = 1 << 20;

    private static final String UNWANTED = """
                IF state & 8 = 0 THEN
                    RETURN NULL;  -- nobody watches for it
                END IF;\
            """;

    private static final String CHECKED = "pg_lsn_hash(change_seq) < -2130706432";

    /** Between the short way of {@link KeyArrays} and the other. */
    private static final String UNLESS_ALIKE = "\n            EXIT many WHEN alike IS NOT FALSE;\n";

    private static final Template BODY = Template.load("journal-body.sql");
    private static final Template WRITE = Template.load("journal-write.sql");
    private static final Template MANY = Template.load("journal-many.sql");
    private static final Template FAILED = Template.load("journal-failed.sql");

    private static final String REFUSE_TOO_LARGE = """
                        IF entry IS NULL THEN  -- the key alone is too large
                            PERFORM setval(%s, (date_part('epoch', clock_timestamp()) * 1000000)::bigint);
                            RETURN NULL;
                        END IF;
            """;

    /** What {@link #MANY} declares. */
    private static final String RUN = """
                        changes     refcursor;
                        change      record;
                        fetched     integer;
                        batch       integer := %d;
                        run         text[] := '{}';  -- entries of one event that are written together
                        run_event   text;
                        run_length  integer := 0;
                        bodies      text[];  -- of complete runs
                        events      text[];
            """;

    /** And where entries may be large. */
    private static final String RUN_BYTES = """
                        run_bytes   bigint := 0;
                        oversized   boolean := false;  -- whether there was a key that is too large
            """;

    private static final String COUNT_BYTES = """
                                    run_bytes := run_bytes + coalesce(octet_length(change.entry), 0);
                                    oversized := oversized OR change.entry IS NULL;
            """;

    private static final String OVERSIZED = """
                            IF oversized THEN
                                PERFORM %s(state, %d, run_event, NULL, 1);
                                oversized := false;
                            END IF;
            """;

    /** A batch is kept in memory, or in temporary files where it is larger than work_mem. */
    private static final String NEXT_BATCH =
            "                batch := least(%d, 1 + %d / (run_bytes / run_length + 1));\n";

    /** Before the size of the entries is known. */
    private static final int FIRST_BATCH = 8;

    private final ObjectNames names;
    private final JournalObjects journal;
    private final WatchedTable table;
    private final int layoutId;
    private final ChangeSql sql;

    /** {@code layoutId}: what the journal calls the table's layout. */
    JournalFunction(ObjectNames names, JournalObjects journal, WatchedTable table, int layoutId) {
        this.names = names;
        this.journal = journal;
        this.table = table;
        this.layoutId = layoutId;
        this.sql = new ChangeSql(names, table, ENTRY_BYTES);
    }

    @Override
    public String body(Operation operation) {
        Map<String, String> values = new HashMap<>(journal.places());
        values.put(
                "purpose",
                operation.name() + " on "
                        + TriggerFunction.oneLine(table.shape().name().toString()));
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
        values.put("event", SqlText.literal(letter(operation)));
        boolean wanted = operation != Operation.UPDATE || table.events().contains(Event.UPDATED);
        values.put("write", wanted ? WRITE.fill(values).stripTrailing() : UNWANTED);
        values.put("on failure", FAILED.fill(values).stripTrailing());
        values.put(
                "too large or to be checked", sql.alwaysFits() ? CHECKED : tooLargeOrChecked(values.get("max bytes")));
        values.put("refuse too large", sql.alwaysFits() ? "" : REFUSE_TOO_LARGE.formatted(values.get("lost name")));
        many(values, operation, wanted);
        OrderSql.journal(values, names, table, operation, sql.isPlain());
        return BODY.fill(values);
    }

    /**
     * True also where the entry is null; and the more often the larger it is, so that a few hundred large rows cannot take
     * much more than the limit. The factor keeps the product within an integer.
     */
    private static String tooLargeOrChecked(String maxBytes) {
        long factor = Math.min(8_000, (8L << 32) / Long.parseLong(maxBytes));
        return "(" + CHECKED + " + octet_length(entry) * " + factor + ") IS NOT FALSE";
    }

    /** Puts what deals with more than one row, or with a key that has changed. */
    private void many(Map<String, String> values, Operation operation, boolean wanted) {
        boolean update = operation == Operation.UPDATE;
        KeyArrays keys =
                operation == Operation.TRUNCATE ? null : KeyArrays.of(table).orElse(null);
        if (sql.alwaysFits()) {
            values.put("run is full", "run_length = " + SMALL_ENTRIES_PER_ROW);
            values.put("reset bytes", "");
            values.put("count bytes", "");
            values.put("oversized", "");
            values.put("next batch", "");
        } else {
            values.put("run is full", "run_length = " + LARGE_ENTRIES_PER_ROW + " OR run_bytes >= " + ROW_BYTES);
            values.put("reset bytes", "                            run_bytes := 0;\n");
            values.put("count bytes", COUNT_BYTES);
            values.put("oversized", OVERSIZED.formatted(values.get("append"), layoutId));
            values.put("next batch", NEXT_BATCH.formatted(LARGE_ENTRIES_PER_ROW, ROW_BYTES));
        }
        // Else the runs could be short: changed keys are among the others.
        values.put("order", update ? "            ORDER BY c.event COLLATE \"C\"\n" : "");
        values.put(
                "changes",
                sql.changes(operation, keys == null ? rows -> rows : KeyArrays::rest)
                        .stripTrailing());
        String general = MANY.fill(values).stripTrailing();
        String declarations = keys == null ? "" : keys.declarations();
        if (operation == Operation.TRUNCATE) {
            values.put("write many", "            NULL;  -- never");
        } else if (keys == null) {
            values.put("write many", general);
        } else {
            String newRows = operation == Operation.DELETE ? null : sql.newRows(operation);
            String oldRows = operation == Operation.INSERT ? null : sql.oldRows(operation);
            String quick = keys.statements(newRows, oldRows, wanted, values);
            values.put("write many", update ? quick + UNLESS_ALIKE + general : quick);
        }
        String run = sql.alwaysFits() ? RUN.formatted(SMALL_ENTRIES_PER_ROW) : RUN.formatted(FIRST_BATCH) + RUN_BYTES;
        values.put("declarations", keys == null || update ? run + declarations : declarations);
    }

    private void one(Map<String, String> values, String alias, String unlike, String rows) {
        values.put("entry", sql.boundedEntry(alias));
        values.put("unlike", unlike);
        values.put("rows", rows);
    }

    /** What is added to the state where a single row needs what several rows need. */
    private static String manyIf(String condition) {
        return " + CASE WHEN " + condition + " THEN 8 ELSE 0 END";
    }

    private static String letter(Operation operation) {
        return switch (operation) {
            case INSERT -> "i";
            case UPDATE -> "u";
            case DELETE -> "d";
            case TRUNCATE -> "t";
        };
    }

    @Override
    public DeliveryMode delivery() {
        return DeliveryMode.DURABLE;
    }

    /** A journal row like those of the triggers, and so in its place among them. */
    @Override
    public Optional<String> announcement() {
        return Optional.of(names.writeResync(layoutId));
    }

    @Override
    public String create(Operation operation) {
        return TriggerFunction.create(names, table, operation, sql.pinnedSettings(), body(operation));
    }
}
