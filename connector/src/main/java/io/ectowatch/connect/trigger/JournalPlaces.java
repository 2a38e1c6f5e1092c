package io.ectowatch.connect.trigger;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.BackfillRow;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.protocol.RingBits;
import java.util.HashMap;
import java.util.Map;

/**
 * What the functions of durable delivery have to know about the journal: the values for the places of their templates.
 *
 * @param names the names of the connector's objects
 * @param maxBytes the size at which the journal suspends itself, in bytes
 * @param bell whether a waiting task is notified
 * @param context what is captured besides the changes
 */
public record JournalPlaces(ObjectNames names, long maxBytes, boolean bell, ContextSql context) {

    /**
     * The journal's size is checked for one row in so many, on average. A check takes as long as some ten of the triggers of
     * one-row statements. The rows between two checks take a few hundredths of the limit on average, and less than a tenth with
     * contexts of the largest size.
     */
    private static final int FEWEST_ROWS_PER_CHECK = 256;

    private static final int MOST_ROWS_PER_CHECK = 1_024;
    private static final int BYTES_PER_CHECKED_ROW = 65_536;

    /** The signature of the function that triggers call to write to a spare table, as a literal. */
    public static String appendSignature(ObjectNames names) {
        return SqlText.literal(
                SqlText.identifier(names.schema(), names.appendFunction()) + "(bigint,integer,text,text,bigint)");
    }

    /** The ring's value, as SQL. A sequence that was never set, as after a dump without data, has none. */
    private String state() {
        return "coalesce(pg_sequence_last_value(" + SqlText.literal(names.ring()) + "::regclass), 0)";
    }

    /** The values for the journal's templates. */
    public Map<String, String> values() {
        Map<String, String> places = new HashMap<>(RingBits.PLACES);
        places.putAll(EventCode.PLACES);
        context.addTo(places, names);
        places.put("connector", TriggerFunction.oneLine(names.connector()));
        places.put("connector literal", SqlText.literal(names.connector()));
        places.put("record loss", names.recordLoss());
        places.put("record loss by name", names.recordLossByName());
        places.put("record suspension", names.recordSuspension("taken > " + maxBytes));
        places.put("ring", SqlText.literal(names.ring()) + "::regclass");
        places.put("state", state());
        places.put("lease", SqlText.literal(names.lease()) + "::regclass");
        String append = SqlText.identifier(names.schema(), names.appendFunction());
        String guard = SqlText.identifier(names.schema(), names.guardFunction());
        places.put("append", append);
        places.put("append signature", appendSignature(names));
        // Looked up by name, since a missing sequence must not fail a statement.
        places.put("spare", "to_regclass(" + SqlText.literal(names.spare()) + ")");
        places.put("spare tables", names.spareTables());
        places.put("guard", guard);
        places.put("guard signature", SqlText.literal(guard + "()"));
        places.put("places setting", SqlText.literal(names.placesSetting()));
        places.put("max bytes", Long.toString(maxBytes));
        long rows = Math.max(FEWEST_ROWS_PER_CHECK, Math.min(MOST_ROWS_PER_CHECK, maxBytes / BYTES_PER_CHECKED_ROW));
        places.put("rows per check", Long.toString(rows));
        places.put("check below", Long.toString(Integer.MIN_VALUE + (1L << 32) / rows));
        // The hash has 2^32 values: on average 64 checks, while as much as the limit is written.
        places.put("checks per byte", Math.max(1, (64L << 32) / maxBytes) + "::float8");
        places.put("channel", SqlText.literal(names.channel()));
        for (int table = 0; table < ObjectNames.JOURNAL_TABLES; table++) {
            places.put("journal " + table, names.journal(table));
            places.put("journal " + table + " class", SqlText.literal(names.journal(table)) + "::regclass");
        }
        places.put("fit", SqlText.identifier(names.schema(), names.fitFunction()));
        places.put("bell key", names.bellKey());
        places.put("event backfill", BackfillRow.sql());
        places.put("backfill request", SqlText.identifier(names.schema(), names.backfillFunction()));
        places.put("read arguments", SqlText.literal(ObjectNames.READ_ARGUMENTS));
        places.put("layouts", names.layouts());
        places.put("open backfills", names.openBackfills());
        places.put("owner class", SqlText.literal(names.owner()) + "::regclass");
        places.put("beginning", SqlText.literal(Marker.beginning(names.connector())));
        places.put("schema literal", SqlText.literal(SqlText.identifier(names.schema())));
        return places;
    }
}
