package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.install.FunctionTemplate;
import io.ectowatch.connect.install.drift.Stamps;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.protocol.RingBits;
import io.ectowatch.connect.trigger.Template;
import io.ectowatch.connect.trigger.TriggerFunction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The tables, sequences and functions of one connector's journal, other than the triggers' functions: how to create
 * them, and what the triggers' functions have to know about them.
 */
public final class JournalObjects {

    private static final FunctionTemplate APPEND = FunctionTemplate.load("append.sql");
    private static final FunctionTemplate GUARD = FunctionTemplate.load("guard.sql");
    private static final FunctionTemplate FIT = FunctionTemplate.load("fit.sql");

    private static final Template JOURNAL_TABLE = Template.load("journal-table.sql");
    private static final Template LAYOUTS_TABLE = Template.load("layouts-table.sql");
    private static final Template OWNER_TABLE = Template.load("owner-table.sql");

    private final ObjectNames names;
    private final long maxBytes;
    private final boolean bell;

    /**
     * @param maxBytes the size at which the journal suspends itself
     * @param bell whether a waiting task is notified
     */
    JournalObjects(ObjectNames names, long maxBytes, boolean bell) {
        this.names = names;
        this.maxBytes = maxBytes;
        this.bell = bell;
    }

    /** Whether the triggers notify a task that sleeps. */
    public boolean bell() {
        return bell;
    }

    /** Its tables, and the sequence that tells which one to write to. */
    List<PersistentRelation> relations() {
        List<PersistentRelation> relations = new ArrayList<>();
        for (int table = 0; table < ObjectNames.JOURNAL_TABLES; table++) {
            relations.add(journalTable(names, table));
        }
        relations.add(PersistentRelation.table(names, names.layoutsTable(), LAYOUTS_TABLE));
        relations.add(PersistentRelation.table(names, names.ownerTable(), OWNER_TABLE));
        relations.add(Stamps.table(names));
        relations.add(PersistentRelation.sequence(
                names,
                names.ringSequence(),
                0,
                "SELECT setval(" + SqlText.literal(names.ring()) + ", 0) FROM " + names.ring()
                        + " WHERE NOT is_called"));
        // The additional table that is written to while none of the three is; 0 for none.
        relations.add(PersistentRelation.sequence(
                names,
                names.spareSequence(),
                0,
                "SELECT setval(" + SqlText.literal(names.spare()) + ", 0) FROM " + names.spare()
                        + " WHERE NOT is_called"));
        return relations;
    }

    /** One of its tables. */
    static PersistentRelation journalTable(ObjectNames names, int table) {
        return PersistentRelation.table(
                names,
                names.journalTable(table),
                SqlText.name(names.connector(), "journal", Integer.toString(table), "seq"),
                JOURNAL_TABLE);
    }

    /** The signature of the function that triggers call to write to an additional table, as a literal. */
    static String appendSignature(ObjectNames names) {
        return SqlText.literal(
                SqlText.identifier(names.schema(), names.appendFunction()) + "(bigint,integer,text,text,bigint)");
    }

    /** The functions that the triggers' functions call. */
    List<HelperFunction> functions() {
        Map<String, String> places = places();
        return List.of(
                new HelperFunction(names, names.fitFunction(), "(regclass[])", FIT.fill(places)),
                new HelperFunction(names, names.guardFunction(), "()", GUARD.fill(places)),
                new HelperFunction(
                        names, names.appendFunction(), "(bigint, integer, text, text, bigint)", APPEND.fill(places)));
    }

    /** The ring's value, as SQL. A sequence that was never set, as after a dump without data, has none. */
    String state() {
        return "coalesce(pg_sequence_last_value(" + SqlText.literal(names.ring()) + "::regclass), 0)";
    }

    /** The values for the journal's templates. */
    public Map<String, String> places() {
        Map<String, String> places = new HashMap<>(RingBits.PLACES);
        places.putAll(EventCode.PLACES);
        places.put("connector", TriggerFunction.oneLine(names.connector()));
        places.put("connector literal", SqlText.literal(names.connector()));
        places.put("lost", names.regclass(names.lostSequence()));
        places.put("ring", SqlText.literal(names.ring()) + "::regclass");
        places.put("state", state());
        places.put("lease", SqlText.literal(names.lease()) + "::regclass");
        String append = SqlText.identifier(names.schema(), names.appendFunction());
        String guard = SqlText.identifier(names.schema(), names.guardFunction());
        places.put("append", append);
        places.put("append signature", appendSignature(names));
        // Looked up by name, since a missing sequence must not fail a statement.
        places.put("spare", "to_regclass(" + SqlText.literal(names.spare()) + ")");
        places.put("spare tables", SpareTables.array(names));
        places.put("guard", guard);
        places.put("guard signature", SqlText.literal(guard + "()"));
        places.put("places setting", SqlText.literal(names.placesSetting()));
        places.put("max bytes", Long.toString(maxBytes));
        // The hash has 2^32 values: on average 64 checks, while as much as the limit is written.
        places.put("checks per byte", Math.max(1, (64L << 32) / maxBytes) + "::float8");
        places.put("channel", SqlText.literal(names.channel()));
        List<String> there = new ArrayList<>();
        for (int table = 0; table < ObjectNames.JOURNAL_TABLES; table++) {
            places.put("journal " + table, names.journal(table));
            places.put("journal " + table + " class", SqlText.literal(names.journal(table)) + "::regclass");
            there.add(places.get("journal " + table + " class"));
        }
        places.put("fit", SqlText.identifier(names.schema(), names.fitFunction()));
        places.put("journal fit", places.get("fit") + "(ARRAY[" + String.join(", ", there) + "])");
        places.put("bell key", names.bellKey());
        return places;
    }
}
