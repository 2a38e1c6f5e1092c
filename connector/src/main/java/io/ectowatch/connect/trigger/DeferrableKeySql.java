package io.ectowatch.connect.trigger;

import io.ectowatch.connect.catalog.OrderRisk;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Only for tables with a deferrable primary key: finds out whether a row has gone whose key another row of the same
 * transaction may still have.
 */
final class DeferrableKeySql {

    private static final Template FIND = Template.load("deferrable-keys.sql");

    /** The most keys of one statement that a transaction remembers, and one more. */
    private static final int MOST_KEYS = 101;

    /** The most bytes that a transaction remembers. */
    private static final int MOST_BYTES = 4_000;

    private DeferrableKeySql() {}

    /** Whether the functions of the table's triggers need this. Without one of the two events, no record can be wrong. */
    static boolean isNeeded(WatchedTable table) {
        return table.shape().risks().contains(OrderRisk.DEFERRABLE_KEY)
                && table.events().containsAll(List.of(Event.INSERTED, Event.DELETED));
    }

    /** A block for a function that has the variable {@code repeated}, which is true after it if there may be such a row. */
    static String find(ObjectNames names, WatchedTable table, Operation operation, ChangeSql sql) {
        Map<String, String> places = new HashMap<>();
        places.put(
                "keys setting", SqlText.literal(names.keysSetting(table.shape().name())));
        places.put("most keys", Integer.toString(MOST_KEYS));
        places.put("most bytes", Integer.toString(MOST_BYTES));
        sql.keys(places, operation);
        Set<String> flags = new HashSet<>(Set.of(operation.text()));
        if (operation.forEachRow(table.shape().triggers())) {
            flags.add("row trigger");
        }
        return FIND.fill(places, flags).stripTrailing();
    }
}
