package io.ectowatch.connect.trigger;

import io.ectowatch.connect.catalog.OrderRisk;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.Map;
import java.util.Set;

/**
 * The order of a transaction's changes, where triggers do not fire in it: the function that finds a statement's place, and
 * what the triggers' functions need to call it. They call it only where the order may be another one:
 *
 * <ul>
 *   <li>The setting of the transaction in which that function keeps its memory has a value.
 *   <li>The context has more than one line: a trigger or a function has run the statement.
 *   <li>For an INSERT: the client's query may consist of several. The counters alone would say so all the time, since they
 *       also have what a session did in the second before.
 * </ul>
 *
 * <p>Insertions and deletions need no order among themselves: only after changes of other kinds, of the same table and in
 * the same transaction, can one of them belong elsewhere. Those have been counted before a trigger fires.
 */
public final class OrderSql {

    private static final FunctionTemplate FUNCTION = FunctionTemplate.load("order.sql");

    /** How many journal rows a statement may have that has to come before others. */
    private static final int ROOM = 15;

    private static final String ARGUMENTS = "(text, oid, text, text, bigint, boolean, text, bigint, bigint)";

    private OrderSql() {}

    /** The function that finds the place. */
    public static HelperFunction function(ObjectNames names) {
        return new HelperFunction(
                names,
                names.orderFunction(),
                ARGUMENTS,
                FUNCTION.fill(Map.of(
                        "order", function(names.schema(), names),
                        "connector", TriggerFunction.oneLine(names.connector()))));
    }

    public static String function(String schema, ObjectNames names) {
        return SqlText.identifier(schema, names.orderFunction());
    }

    /**
     * Adds what a trigger's function needs, unless it is for TRUNCATE, which has no order.
     *
     * @param single whether a statement is known to have changed one row where the place {@code number of one} stands
     */
    static void addTo(
            Map<String, String> values, ObjectNames names, WatchedTable table, Operation operation, boolean single) {
        String order = function(names.schema(), names);
        String number = number(table, operation);
        values.put("order", order);
        values.put("order signature", SqlText.literal(order + ARGUMENTS));
        values.put("memory", SqlText.literal(names.memorySetting(table.shape().name())));
        values.put("number", number);
        values.put("number of one", single ? "1" : number);
        values.put("room", Integer.toString(ROOM));
        Set<OrderRisk> risks = table.shape().risks();
        // Counters that do not count are never greater than 0.
        values.put("none", risks.contains(OrderRisk.UNCOUNTED) ? "-1" : "0");
        // A query that a rule has replaced may be any.
        values.put("several", risks.contains(OrderRisk.RULE) ? "'{%}'" : "'{%with%,%execute%}'");
        // Without deletions, the insertion of a changed key is as any other change.
        values.put(
                "key may change",
                Boolean.toString(operation == Operation.UPDATE && table.events().contains(Event.DELETED)));
    }

    /** How many rows the statement has changed. */
    private static String number(WatchedTable table, Operation operation) {
        String rows = operation == Operation.DELETE
                ? operation.oldRows(table.shape().triggers())
                : operation.newRows(table.shape().triggers());
        return rows == null ? "1" : "(SELECT count(*) FROM " + rows + ")";
    }
}
