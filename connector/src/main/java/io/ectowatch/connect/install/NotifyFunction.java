package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.EntryShape;
import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Generates the function that a table's trigger calls in {@code notify} delivery. Its notifications are JSON: {@code
 * ["<layout>","<event>",<txid>,<microseconds>,<first>,[<entry>,...]]}, where an entry is the array described in
 * {@link EntryShape}, shortened if it is too large, or null if the event has no row; or {@code ["<layout>","g"]} for
 * a gap. A seventh element is the {@code <microseconds>} of notifications of the same transaction that were sent
 * before but belong after this one: see {@link OrderSql}.
 */
final class NotifyFunction implements TriggerFunction {

    /**
     * The maximum size of a payload's entries in bytes. A payload must be smaller than 8,000 bytes (PG docs,
     * sql-notify), and everything around the entries takes at most 110.
     */
    private static final int ENTRIES_BYTES = 7_850;

    private static final Template BODY = Template.load("notify-body.sql");

    private final ObjectNames names;
    private final WatchedTable table;
    private final ChangeSql sql;

    NotifyFunction(ObjectNames names, WatchedTable table) {
        this.names = names;
        this.table = table;
        this.sql = new ChangeSql(names, table, ENTRIES_BYTES);
    }

    @Override
    public String body(Operation operation) {
        Map<String, String> values = new HashMap<>(Map.of(
                "connector", TriggerFunction.oneLine(names.connector()),
                "purpose",
                        operation.name() + " on "
                                + TriggerFunction.oneLine(table.shape().name().toString()),
                "lost", names.regclass(names.lostSequence()),
                "channel", SqlText.literal(names.channel()),
                "gap", SqlText.literal("[\"" + table.layout() + "\",\"g\"]"),
                "limit", Integer.toString(ENTRIES_BYTES),
                "payload", payload(operation),
                "changes", sql.changes(operation).stripTrailing()));
        // Each of its own, since PostgreSQL sends what is the same only once, where it came first.
        values.put("numbered gap", "'[\"" + table.layout() + "\",\"g\",' || change_seq || ']'");
        if (operation == Operation.TRUNCATE) {
            return BODY.fill(values);
        }
        OrderSql.notifying(values, names, table, operation);
        return BODY.fill(values, Set.of("ordered"));
    }

    @Override
    public DeliveryMode delivery() {
        return DeliveryMode.NOTIFY;
    }

    @Override
    public Optional<String> announcement() {
        return Optional.empty();
    }

    @Override
    public String create(Operation operation) {
        return TriggerFunction.create(names, table, operation, sql.pinnedSettings(), body(operation));
    }

    private String payload(Operation operation) {
        return "'[\"" + table.layout()
                + "\",\"' || run_event || '\",' || pg_current_xact_id()::text || ',' || change_seq"
                + " || ',' || run_first || ',[' || run || ']'"
                + (operation == Operation.TRUNCATE
                        ? ""
                        : " || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END")
                + " || ']'";
    }
}
