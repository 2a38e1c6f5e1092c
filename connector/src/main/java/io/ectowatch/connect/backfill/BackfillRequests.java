package io.ectowatch.connect.backfill;

import io.ectowatch.connect.backfill.Backfill.Cause;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.config.names.TablePattern;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** The backfills that an operator requests with an offset of a stopped connector. */
public final class BackfillRequests {

    /** The field with the names of the tables, as in the setting {@code tables}. */
    public static final String TABLES = "backfill";

    /** The field with the condition of their rows; may be absent. */
    public static final String CONDITION = "backfill.condition";

    private BackfillRequests() {}

    /**
     * The requests of an offset. The same offset always gives the same ids.
     *
     * @throws IllegalArgumentException if the names cannot be read, with the reason
     */
    public static List<Backfill> in(Map<String, ?> offset) {
        List<Backfill> requested = new ArrayList<>();
        Object tables = offset.get(TABLES);
        Object condition = offset.get(CONDITION);
        for (TablePattern pattern : TablePattern.parseList(tables == null ? "" : tables.toString())) {
            TableName table = pattern.exactName()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the field " + TABLES + " must name each table, but contains the pattern " + pattern));
            byte[] all = (new TreeMap<>(offset) + " " + table).getBytes(StandardCharsets.UTF_8);
            requested.add(new Backfill(
                    UUID.nameUUIDFromBytes(all).toString(),
                    table,
                    Cause.CALL,
                    condition == null ? null : condition.toString()));
        }
        return requested;
    }

    /** Whether an offset contains one of the fields. */
    public static boolean isAnyOf(Map<String, ?> offset) {
        return offset.containsKey(TABLES) || offset.containsKey(CONDITION);
    }

    /** Whether an offset contains nothing else. */
    public static boolean isAllOf(Map<String, ?> offset) {
        return offset.containsKey(TABLES) && Set.of(TABLES, CONDITION).containsAll(offset.keySet());
    }
}
