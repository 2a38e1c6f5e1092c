package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The privileges that the connector's role needs on objects that another role has created for it. */
public final class RolePrivileges {

    /**
     * Several privileges in one text would mean any of them (PG docs, functions-info). By OID, since resolving a name
     * needs a privilege itself. Null if the object does not exist.
     */
    private static final String HAS = """
            SELECT bool_and(CASE WHEN ? = 'SCHEMA' THEN has_schema_privilege(n.oid, p)
                                 WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, p)
                                 ELSE has_table_privilege(c.oid, p) END)
            FROM unnest(?) AS p, pg_namespace AS n LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = ?
            WHERE n.nspname = ? AND (c.oid IS NOT NULL OR ? = 'SCHEMA')
            """;

    /**
     * @param kind in the syntax of GRANT
     * @param name within {@code schema}, or empty for the schema itself
     */
    private record Privileges(String kind, String schema, String name, List<String> privileges) {

        String grant(String role) {
            return "GRANT " + String.join(", ", privileges) + " ON " + kind + " "
                    + (name.isEmpty() ? SqlText.identifier(schema) : SqlText.identifier(schema, name)) + " TO "
                    + SqlText.identifier(role);
        }
    }

    private static final String LACKS_LANGUAGE =
            "SELECT FROM pg_language WHERE lanname = 'plpgsql' AND NOT has_language_privilege(oid, 'USAGE')";

    private final String role;
    private final boolean emptiesJournal;
    private final List<Privileges> all = new ArrayList<>();

    public RolePrivileges(
            ObjectNames names, Optional<JournalSettings> journal, List<WatchedTable> tables, String role) {
        this.role = role;
        this.emptiesJournal = journal.isPresent();
        // Conditions are checked against the tables, whose names have to be resolved for that.
        tables.stream()
                .map(table -> table.shape().name().schema())
                .distinct()
                .forEach(schema -> all.add(new Privileges("SCHEMA", schema, "", List.of("USAGE"))));
        all.add(new Privileges("SCHEMA", names.schema(), "", List.of("USAGE")));
        add(names, "SEQUENCE", names.lostSequence(), "SELECT", "UPDATE");
        add(names, "SEQUENCE", names.leaseSequence(), "SELECT", "UPDATE");
        if (journal.isPresent()) {
            add(names, "SEQUENCE", names.ringSequence(), "SELECT", "UPDATE");
            add(names, "SEQUENCE", names.spareSequence(), "SELECT", "UPDATE");
            for (int table = 0; table < ObjectNames.JOURNAL_TABLES; table++) {
                // UPDATE: rows restored from a dump of another server get new numbers.
                add(names, "TABLE", names.journalTable(table), "SELECT", "UPDATE", "TRUNCATE");
            }
            add(names, "TABLE", names.layoutsTable(), "SELECT");
            add(names, "TABLE", names.ownerTable(), "SELECT", "INSERT", "UPDATE");
            add(names, "TABLE", names.watchedTable(), "SELECT", "INSERT", "UPDATE", "DELETE");
            add(names, "TABLE", names.openBackfillsTable(), "SELECT", "INSERT", "UPDATE", "DELETE");
        }
    }

    private void add(ObjectNames names, String kind, String name, String... privileges) {
        all.add(new Privileges(kind, names.schema(), name, List.of(privileges)));
    }

    /** The privileges on the connector's own tables and sequences, by the name of the object. */
    static Map<String, List<String>> onOwnObjects(ObjectNames names, Optional<JournalSettings> journal) {
        Map<String, List<String>> privileges = new LinkedHashMap<>();
        new RolePrivileges(names, journal, List.of(), "")
                .all.stream()
                        .filter(one -> !one.name().isEmpty())
                        .forEach(one -> privileges.put(one.name(), one.privileges()));
        return privileges;
    }

    /** The statements that grant all of them; that for the language only if the connected role lacks it. */
    public List<String> grants(Connection connection) throws SQLException {
        List<String> grants = new ArrayList<>(missingLanguage(connection));
        grants.addAll(grants());
        return grants;
    }

    /** The statements that grant all of them on schemas and the connector's objects. */
    public List<String> grants() {
        return all.stream().map(privileges -> privileges.grant(role)).toList();
    }

    /** The task empties the journal in that language, which PUBLIC may use by default. */
    private List<String> missingLanguage(Connection connection) throws SQLException {
        if (!emptiesJournal) {
            return List.of();
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(LACKS_LANGUAGE)) {
            return row.next() ? List.of("GRANT USAGE ON LANGUAGE plpgsql TO " + SqlText.identifier(role)) : List.of();
        }
    }

    /** The statements that grant the privileges that the connected role is missing on existing objects. */
    public List<String> missing(Connection connection) throws SQLException {
        List<String> missing = new ArrayList<>(missingLanguage(connection));
        for (Privileges privileges : all) {
            if (lacks(connection, privileges)) {
                missing.add(privileges.grant(role));
            }
        }
        return missing;
    }

    private static boolean lacks(Connection connection, Privileges wanted) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(HAS)) {
            statement.setString(1, wanted.kind());
            statement.setArray(
                    2, connection.createArrayOf("text", wanted.privileges().toArray()));
            statement.setString(3, wanted.name());
            statement.setString(4, wanted.schema());
            statement.setString(5, wanted.kind());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                boolean has = row.getBoolean(1);
                return !has && !row.wasNull();
            }
        }
    }
}
