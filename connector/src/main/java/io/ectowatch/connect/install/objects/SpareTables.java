package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.JournalPlaces;
import java.util.List;

/**
 * Spare journal tables besides the ring's three. The task creates one when other sessions hold locks on all
 * tables that it could rotate to, and drops it later. While triggers write to one of them, the ring's value means
 * "none of the three", and a second sequence has its number. See {@code append.sql} for the writers' side.
 */
public final class SpareTables {

    private SpareTables() {}

    /** The query for the numbers of the existing ones, in order: recognized by name, comment and owner. */
    public static String present(ObjectNames names) {
        return "SELECT n.place + " + (ObjectNames.JOURNAL_TABLES - 1) + " FROM unnest(" + names.spareTables()
                + ") WITH ORDINALITY AS n (name, place) JOIN pg_class AS c ON c.oid = to_regclass(n.name)"
                + " WHERE c.relkind = 'r' AND starts_with(obj_description(c.oid, 'pg_class'), "
                + SqlText.literal(Marker.beginning(names.connector())) + ") AND c.relowner = "
                + "(SELECT relowner FROM pg_class WHERE oid = to_regclass(" + SqlText.literal(names.owner())
                + ")) ORDER BY n.place";
    }

    /**
     * The query for the number of the next one to create: no row if the maximum is reached, or if the role does not
     * own the functions that have to write to it.
     */
    public static String next(ObjectNames names) {
        return "SELECT n.place + " + (ObjectNames.JOURNAL_TABLES - 1) + " FROM unnest(" + names.spareTables()
                + ") WITH ORDINALITY AS n (name, place), pg_proc AS p WHERE to_regclass(n.name) IS NULL"
                + " AND p.oid = to_regprocedure(" + JournalPlaces.appendSignature(names)
                + ") AND pg_get_userbyid(p.proowner) = current_user ORDER BY n.place LIMIT 1";
    }

    /** The statements that create one. */
    public static List<String> create(ObjectNames names, int table) {
        return PersistentRelation.create(names, List.of(JournalObjects.journalTable(names, table)));
    }
}
