package io.ectowatch.connect.trigger;

import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.protocol.LossCause;
import io.ectowatch.connect.protocol.NotifyPayload;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.ChangeLayout;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Generates the function that a table's trigger calls in {@code notify} delivery. {@link
 * NotifyPayload} describes its notifications. An entry is the array described in {@link ChangeLayout}, shortened if it is
 * too large, or null if the event has no row. {@link OrderSql} tells which changes belong before others.
 */
public final class NotifyFunction implements TriggerFunction {

    /**
     * The maximum size of a payload's entries in bytes. A payload must be smaller than 8,000 bytes (PG docs,
     * sql-notify), and everything around the entries takes at most 110.
     */
    private static final int ENTRIES_BYTES = 7_850;

    private static final FunctionTemplate TEMPLATE = FunctionTemplate.load("notify.sql");

    private final ObjectNames names;
    private final WatchedTable table;
    private final ChangeSql sql;
    private final ContextSql context;

    public NotifyFunction(ObjectNames names, WatchedTable table, ContextSql context) {
        this.context = context;
        this.names = names;
        this.table = table;
        this.sql = new ChangeSql(names, table, ENTRIES_BYTES);
    }

    @Override
    public FunctionSql sql(Operation operation) {
        Map<String, String> values = new HashMap<>(Map.of(
                "lost", names.regclass(names.lostSequence()),
                "channel", SqlText.literal(names.channel()),
                "gap", SqlText.literal(NotifyPayload.gap(table.layout())),
                "limit", Integer.toString(ENTRIES_BYTES),
                "payload", payload(operation),
                "changes", sql.changes(operation)));
        values.putAll(EventCode.PLACES);
        values.put("queue loss", LossCause.QUEUE.at("change_time"));
        TriggerFunction.addTo(values, names, table, operation);
        values.put("settings", sql.pinnedSettings());
        // Each of its own, since PostgreSQL sends what is the same only once, where it came first.
        values.put("numbered gap", NotifyPayload.numberedGap(table.layout(), "change_time"));
        context.addTo(values, names);
        Set<String> flags = new HashSet<>(Set.of(operation.text()));
        flags.addAll(context.flags());
        if (!sql.pinnedSettings().isEmpty()) {
            flags.add("pinned");
        }
        if (operation != Operation.TRUNCATE) {
            flags.add("columns");
            flags.add("ordered");
            if (!operation.forEachRow(table.shape().triggers())) {
                flags.add("statement trigger");
            }
            OrderSql.addTo(values, names, table, operation, false);
            if (DeferrableKeySql.isNeeded(table)) {
                flags.add("repeating");
                values.put("find repeated keys", DeferrableKeySql.find(names, table, operation, sql));
            }
        }
        return TEMPLATE.fill(values, flags);
    }

    @Override
    public DeliveryMode delivery() {
        return DeliveryMode.NOTIFY;
    }

    @Override
    public Optional<String> announcement() {
        return Optional.empty();
    }

    private String payload(Operation operation) {
        String successor =
                "CASE WHEN place < 0 AND run_event = " + EventCode.KEY_INSERTED.sql() + " THEN '' ELSE before END";
        return NotifyPayload.sql(
                table.layout(),
                "run_event",
                "pg_current_xact_id()::text",
                "change_time",
                "run_first",
                "run",
                operation == Operation.TRUNCATE ? Optional.empty() : Optional.of(successor));
    }
}
