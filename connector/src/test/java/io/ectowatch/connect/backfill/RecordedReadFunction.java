package io.ectowatch.connect.backfill;

import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.List;

/** The function that reads a table with a key of built-in types, for tests that have no database. */
public final class RecordedReadFunction {

    private static final String GREATER = "OPERATOR(\"pg_catalog\".>)";

    private RecordedReadFunction() {}

    /** The statements that create it for the role of a connector. */
    public static List<String> create(ObjectNames names, WatchedTable table, boolean partitioned, String role) {
        KeyOrder order = new KeyOrder(table.shape().key(), GREATER, "", partitioned);
        return ReadFunction.of(names, table, order).create(role);
    }
}
