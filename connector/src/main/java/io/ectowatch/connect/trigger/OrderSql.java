package io.ectowatch.connect.trigger;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The order of a transaction's changes, where triggers do not fire in it: the function that finds a statement's place, and
 * what the triggers' functions need to ask it. They ask only where the order may be another one.
 */
public final class OrderSql {

    private static final FunctionTemplate FUNCTION = FunctionTemplate.load("order.sql");
    private static final Template ONE = Template.load("journal-order-one.sql");
    private static final Template NONE = Template.load("journal-order-none.sql");
    private static final Template MANY = Template.load("journal-order-many.sql");

    /** How many journal rows a statement may have that has to come before others. */
    private static final int ROOM = 15;

    private static final String ARGUMENTS = "(text, oid, text, text, bigint, boolean, text, bigint, bigint)";

    /** The same for all that a client's message runs; the memory begins with it. */
    private static final String MESSAGE = "(date_part('epoch', statement_timestamp()) * 1000000)::bigint::text";

    private static final String DEPTH = "length(substr(context, strpos(context || E'\\n', E'\\n') + 1))";

    /** A trigger or a function has run the statement. */
    private static final String NESTED = "context LIKE E'%\\n%'";

    /**
     * Whether the client's query may consist of several. The counters alone would say so all the time, since they also have
     * what a session did in the second before.
     */
    private static final String SEVERAL =
            "(lower(current_query() COLLATE \"C\") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE";

    private OrderSql() {}

    /** The function that finds the place. */
    public static HelperFunction function(ObjectNames names) {
        return new HelperFunction(
                names,
                names.orderFunction(),
                ARGUMENTS,
                FUNCTION.fill(Map.of(
                        "order", function(names.schema(), names),
                        "connector", TriggerFunction.oneLine(names.connector()),
                        "message", MESSAGE)));
    }

    /**
     * A condition for a trigger's function that has the variable {@code context}: something else may have fired before that
     * belongs behind, or may fire later that belongs before.
     */
    static String mayBeDisordered(ObjectNames names, WatchedTable table, Operation operation) {
        String remembered = remembered(names, table, operation);
        return operation == Operation.UPDATE ? remembered : besides(operation) + " AND (" + remembered + ")";
    }

    private static String remembered(ObjectNames names, WatchedTable table, Operation operation) {
        return "current_setting(" + memory(names, table) + ", true) <> '' OR " + NESTED
                + (operation == Operation.INSERT ? " OR " + SEVERAL : "");
    }

    /**
     * Insertions and deletions need no order among themselves: only after changes of other kinds, of the same table and in
     * the same transaction, can one of them belong elsewhere. Those have been counted before a trigger fires.
     */
    private static String besides(Operation operation) {
        return "greatest(pg_stat_get_xact_tuples_" + (operation == Operation.INSERT ? "deleted" : "inserted")
                + "(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > 0";
    }

    /** An update that changes keys may fire before the deletion, in the same query, of a row whose key it has taken. */
    private static String orBesideOthers(WatchedTable table, Operation operation) {
        return operation == Operation.UPDATE
                ? " OR (pg_stat_get_xact_tuples_inserted(TG_RELID) > 0 OR pg_stat_get_xact_tuples_deleted(TG_RELID) > 0"
                        + " OR pg_stat_get_xact_tuples_updated(TG_RELID) > " + number(table, operation) + ")"
                        + (operation.forEachRow(table.shape().triggers()) ? "" : " AND " + SEVERAL)
                : "";
    }

    /** Whether the statement's changes may be deletions and insertions; without deletions, both are as any other change. */
    private static String keyMayChange(WatchedTable table, Operation operation) {
        return Boolean.toString(operation == Operation.UPDATE && table.events().contains(Event.DELETED));
    }

    /** The memory of a statement that has changed one row, and no key: see the function. */
    private static String entry(Operation operation) {
        String deletions = operation == Operation.DELETE ? DEPTH + " + 1, ',', " + DEPTH + " + 1" : "'0,0'";
        return "concat(" + MESSAGE + ", '{0,', coalesce(pg_relation_filenode(TG_RELID), 0), ',',"
                + " (change_lsn - '0/0')::bigint + 64, ',60,', " + DEPTH
                + ", ',', pg_stat_get_xact_tuples_inserted(TG_RELID), ',', pg_stat_get_xact_tuples_updated(TG_RELID), ',',"
                + " pg_stat_get_xact_tuples_deleted(TG_RELID), '," + (operation == Operation.INSERT ? 1 : 0) + ",', "
                + deletions + ", ',0,0,0}')";
    }

    private static String memory(ObjectNames names, WatchedTable table) {
        return SqlText.literal(names.memorySetting(table.shape().name()));
    }

    /** How many rows the statement has changed. */
    static String number(WatchedTable table, Operation operation) {
        String rows = operation == Operation.DELETE
                ? operation.oldRows(table.shape().triggers())
                : operation.newRows(table.shape().triggers());
        return rows == null ? "1" : "(SELECT count(*) FROM " + rows + ")";
    }

    public static String function(String schema, ObjectNames names) {
        return SqlText.identifier(schema, names.orderFunction());
    }

    /** Adds what the journal's trigger function needs to {@code values}. */
    static void journal(
            Map<String, String> values, ObjectNames names, WatchedTable table, Operation operation, boolean plain) {
        if (operation == Operation.TRUNCATE) {
            for (String place : List.of("disordered", "and disordered", "or disordered")) {
                values.put(place, "");
            }
            return;
        }
        String order = function(names.schema(), names);
        Map<String, String> places = new HashMap<>(values);
        places.put("order", order);
        places.put("order signature", SqlText.literal(order + ARGUMENTS));
        places.put("memory", memory(names, table));
        places.put("number", plain ? "1" : number(table, operation));
        places.put("places setting", SqlText.literal(names.placesSetting()));
        places.put("room", Integer.toString(ROOM));
        places.put("is disordered", mayBeDisordered(names, table, operation));
        places.put("entry of one", entry(operation));
        places.put("message", MESSAGE);
        places.put("to be remembered", NESTED + (operation == Operation.INSERT ? " OR " + SEVERAL : ""));
        // Each of its operators costs each statement. So it says yes too often.
        String quick = operation == Operation.UPDATE ? remembered(names, table, operation) : besides(operation);
        values.put("disordered", ",\n" + quick);
        values.put("many disordered", quick);
        values.put("and disordered", ", disordered");
        values.put("or disordered", " OR disordered");
        values.put("remembered", remembered(names, table, operation));
        Set<String> flags = Set.of(operation.text());
        values.put("order one", ONE.fill(places, flags).stripTrailing());
        values.put("order none", NONE.fill(places, flags).stripTrailing());
        places.put("number", number(table, operation));
        places.put(
                "is disordered",
                operation == Operation.UPDATE
                        ? "disordered" + orBesideOthers(table, operation)
                        : "disordered AND (" + remembered(names, table, operation) + ")");
        places.put("key may change", keyMayChange(table, operation));
        values.put("order many", MANY.fill(places, flags).stripTrailing());
    }

    /** Adds what a notifying function needs to {@code values}; nothing for TRUNCATE, which has no order. */
    static void notifying(Map<String, String> values, ObjectNames names, WatchedTable table, Operation operation) {
        values.put("is disordered", mayBeDisordered(names, table, operation));
        values.put("order", function(names.schema(), names));
        values.put("or beside others", orBesideOthers(table, operation));
        values.put("key may change", keyMayChange(table, operation));
        values.put("memory", memory(names, table));
        values.put("number", number(table, operation));
    }
}
