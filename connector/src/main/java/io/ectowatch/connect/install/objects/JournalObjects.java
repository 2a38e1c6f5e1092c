package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.FunctionTemplate;
import io.ectowatch.connect.trigger.HelperFunction;
import io.ectowatch.connect.trigger.JournalPlaces;
import io.ectowatch.connect.trigger.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tables, sequences and functions of one connector's journal, other than the triggers' functions: how to create
 * them, and what the triggers' functions have to know about them.
 */
public final class JournalObjects {

    private static final FunctionTemplate APPEND = FunctionTemplate.load("append.sql");
    private static final FunctionTemplate GUARD = FunctionTemplate.load("guard.sql");
    private static final FunctionTemplate FIT = FunctionTemplate.load("fit.sql");
    private static final FunctionTemplate BACKFILL = FunctionTemplate.load("backfill-request.sql");

    private static final Template JOURNAL_TABLE = Template.load("journal-table.sql");
    private static final Template LAYOUTS_TABLE = Template.load("layouts-table.sql");
    private static final Template WATCHED_TABLE = Template.load("watched-table.sql");
    private static final Template BACKFILLS_TABLE = Template.load("backfills-table.sql");
    private static final Template OWNER_TABLE = Template.load("owner-table.sql");

    private final ObjectNames names;
    private final JournalPlaces places;

    JournalObjects(JournalPlaces places) {
        this.names = places.names();
        this.places = places;
    }

    /** What the functions have to know. */
    JournalPlaces places() {
        return places;
    }

    /** Its tables, and the sequence that tells which one to write to. */
    List<PersistentRelation> relations() {
        List<PersistentRelation> relations = new ArrayList<>();
        for (int table = 0; table < ObjectNames.JOURNAL_TABLES; table++) {
            relations.add(journalTable(names, table));
        }
        relations.add(PersistentRelation.table(names, names.layoutsTable(), LAYOUTS_TABLE));
        relations.add(PersistentRelation.table(names, names.ownerTable(), OWNER_TABLE));
        relations.add(PersistentRelation.table(names, names.watchedTable(), WATCHED_TABLE));
        relations.add(PersistentRelation.table(names, names.openBackfillsTable(), BACKFILLS_TABLE));
        relations.add(PersistentRelation.sequence(
                names,
                names.ringSequence(),
                0,
                "SELECT setval(" + SqlText.literal(names.ring()) + ", 0) FROM " + names.ring()
                        + " WHERE NOT is_called"));
        // The spare table that is written to while none of the three is; 0 for none.
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
                SqlText.name(names.connector(), "journal", Integer.toString(table), "lsn"),
                JOURNAL_TABLE);
    }

    /** The functions that the triggers' functions call. */
    List<HelperFunction> functions() {
        Map<String, String> values = places.values();
        return List.of(
                new HelperFunction(names, names.fitFunction(), "(regclass[])", FIT.fill(values)),
                new HelperFunction(names, names.guardFunction(), "()", GUARD.fill(values)),
                new HelperFunction(
                        names,
                        names.appendFunction(),
                        "(bigint, integer, text, text, bigint)",
                        APPEND.fill(values, places.context().flags())),
                new HelperFunction(
                        names,
                        names.backfillFunction(),
                        "(oid, text, text)",
                        BACKFILL.fill(values, places.bell() ? Set.of("bell") : Set.of())));
    }
}
