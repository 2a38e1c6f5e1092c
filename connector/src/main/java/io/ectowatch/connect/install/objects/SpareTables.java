package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Additional journal tables besides the ring's three. The task creates one when other sessions hold locks on all
 * tables that it could rotate to, and drops it later. While triggers write to one of them, the ring's value means
 * "none of the three", and a second sequence has its number. See {@code append.sql} for the writers'
 * side.
 */
public final class SpareTables {

    /** The maximum number at a time. */
    public static final int MOST = 16;

    private SpareTables() {}

    private static IntStream numbers() {
        return IntStream.range(ObjectNames.JOURNAL_TABLES, ObjectNames.JOURNAL_TABLES + MOST);
    }

    /** Their names as elements of an SQL array: the first has the number {@link ObjectNames#JOURNAL_TABLES}. */
    static String array(ObjectNames names) {
        return numbers()
                .mapToObj(table -> SqlText.literal(names.journal(table)))
                .collect(Collectors.joining(", ", "ARRAY[", "]"));
    }

    /** The query for the numbers of the existing ones, in order: recognized by name, comment and owner. */
    public static String present(ObjectNames names) {
        return "SELECT n.place + " + (ObjectNames.JOURNAL_TABLES - 1) + " FROM unnest(" + array(names)
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
        return "SELECT n.place + " + (ObjectNames.JOURNAL_TABLES - 1) + " FROM unnest(" + array(names)
                + ") WITH ORDINALITY AS n (name, place), pg_proc AS p WHERE to_regclass(n.name) IS NULL"
                + " AND p.oid = to_regprocedure(" + JournalObjects.appendSignature(names)
                + ") AND p.proowner = current_user::regrole ORDER BY n.place LIMIT 1";
    }

    /** The statements that create one. */
    public static List<String> create(ObjectNames names, int table) {
        return PersistentRelation.create(names, List.of(JournalObjects.journalTable(names, table)));
    }
}
