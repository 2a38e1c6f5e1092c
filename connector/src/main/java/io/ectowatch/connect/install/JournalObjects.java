package io.ectowatch.connect.install;

import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The tables, sequences and functions of one connector's journal, beside the triggers' own: what creates them, and what
 * the triggers' functions have to know of them.
 */
final class JournalObjects {

    private static final Template APPEND = Template.load("journal-append.sql");
    private static final Template APPEND_BODY = Template.load("journal-append-body.sql");
    private static final Template GUARD = Template.load("journal-guard.sql");
    private static final Template GUARD_BODY = Template.load("journal-guard-body.sql");
    private static final Template BELL = Template.load("journal-bell.sql");

    private final ObjectNames names;
    private final long maxBytes;
    private final boolean bell;

    /** {@code maxBytes}: at which size the journal suspends itself; {@code bell}: whether a sleeping task is notified. */
    JournalObjects(ObjectNames names, long maxBytes, boolean bell) {
        this.names = names;
        this.maxBytes = maxBytes;
        this.bell = bell;
    }

    /** What makes the tables and sequences, each statement only where its object is missing. */
    List<String> create() {
        List<String> statements = new ArrayList<>();
        for (int table = 0; table < ObjectNames.JOURNAL_TABLES; table++) {
            String name = names.journal(table);
            statements.add("CREATE TABLE IF NOT EXISTS " + name
                    + " (\n    seq pg_lsn NOT NULL,\n    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),"
                    + "\n    at timestamptz NOT NULL DEFAULT clock_timestamp(),\n    layout integer NOT NULL,"
                    + "\n    event \"char\" NOT NULL,\n    body text NOT NULL\n)"
                    // It is emptied by TRUNCATE: there is nothing to vacuum.
                    + " WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false)");
            statements.add("CREATE INDEX IF NOT EXISTS "
                    + SqlText.identifier(SqlText.name(names.connector(), "journal", "" + table, "seq")) + " ON " + name
                    + " (seq)");
        }
        statements.add("CREATE TABLE IF NOT EXISTS " + names.layouts()
                + " (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, layout text NOT NULL UNIQUE,"
                + " definition text NOT NULL)");
        // One row: who may change the journal, and how far it has been emptied.
        statements.add(
                "CREATE TABLE IF NOT EXISTS " + names.owner() + " (token text NOT NULL, generation int8 NOT NULL,"
                        + " emptied_from pg_snapshot, emptied_to pg_snapshot, emptied_seq pg_lsn, emptied_xid xid8,"
                        + " emptied_index int8, emptied_at timestamptz)");
        statements.add("CREATE SEQUENCE IF NOT EXISTS " + names.ring() + " MINVALUE 0 START 0 CACHE 1");
        statements.add("CREATE SEQUENCE IF NOT EXISTS " + names.lease() + " CACHE 1");
        statements.add("SELECT setval(" + SqlText.literal(names.ring()) + ", 0) FROM " + names.ring()
                + " WHERE NOT is_called");
        return statements;
    }

    /** What makes the functions that the triggers' functions call. */
    List<String> createFunctions() {
        Map<String, String> places = places();
        String append = SqlText.identifier(names.schema(), names.appendFunction());
        String guard = SqlText.identifier(names.schema(), names.guardFunction());
        return List.of(
                GUARD.fill(Map.of("function", guard, "body", SqlText.dollarQuoted(GUARD_BODY.fill(places)))),
                "REVOKE ALL ON FUNCTION " + guard + "() FROM PUBLIC",
                APPEND.fill(Map.of("function", append, "body", SqlText.dollarQuoted(APPEND_BODY.fill(places)))),
                "REVOKE ALL ON FUNCTION " + append + "(bigint, integer, text, text, bigint) FROM PUBLIC");
    }

    /** Whether the functions are there as {@link #createFunctions} would make them. */
    boolean hasFunctions(Connection connection) throws SQLException {
        String query =
                "SELECT count(*) FROM pg_proc WHERE pronamespace = ?::regnamespace AND (proname, prosrc) IN ((?, ?), (?, ?))";
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, SqlText.identifier(names.schema()));
            statement.setString(2, names.appendFunction());
            statement.setString(3, APPEND_BODY.fill(places()));
            statement.setString(4, names.guardFunction());
            statement.setString(5, GUARD_BODY.fill(places()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getInt(1) == 2;
            }
        }
    }

    /** Whether everything of {@link #create} is there. */
    boolean find(Connection connection) throws SQLException {
        List<String> wanted = new ArrayList<>();
        for (int table = 0; table < ObjectNames.JOURNAL_TABLES; table++) {
            wanted.add(names.journal(table));
        }
        wanted.addAll(List.of(names.layouts(), names.owner(), names.ring(), names.lease()));
        String query = "SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest(?) AS n (name)";
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setArray(1, connection.createArrayOf("text", wanted.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** What the journal's templates need. */
    Map<String, String> places() {
        Map<String, String> places = new HashMap<>();
        places.put("connector", TriggerFunction.oneLine(names.connector()));
        places.put("connector literal", SqlText.literal(names.connector()));
        places.put("lost", names.regclass(names.lostSequence()));
        places.put("ring", SqlText.literal(names.ring()) + "::regclass");
        places.put("lease", SqlText.literal(names.lease()) + "::regclass");
        String append = SqlText.identifier(names.schema(), names.appendFunction());
        String guard = SqlText.identifier(names.schema(), names.guardFunction());
        places.put("append", append);
        places.put("append signature", SqlText.literal(append + "(bigint,integer,text,text,bigint)"));
        places.put("guard", guard);
        places.put("guard signature", SqlText.literal(guard + "()"));
        places.put("max bytes", Long.toString(maxBytes));
        places.put("channel", SqlText.literal(names.channel()));
        List<String> there = new ArrayList<>();
        for (int table = 0; table < ObjectNames.JOURNAL_TABLES; table++) {
            places.put("journal " + table, names.journal(table));
            places.put("journal " + table + " class", SqlText.literal(names.journal(table)) + "::regclass");
            there.add(places.get("journal " + table + " class") + " IS NOT NULL");
        }
        places.put("journal there", String.join(" AND ", there));
        String bellKey = names.bellKey();
        places.put("bell key", bellKey);
        places.put(
                "bell",
                bell
                        ? BELL.fill(Map.of("bell key", bellKey, "channel", SqlText.literal(names.channel())))
                                .stripTrailing()
                        : "");
        return places;
    }
}
