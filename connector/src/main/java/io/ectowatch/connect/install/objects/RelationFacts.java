package io.ectowatch.connect.install.objects;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The properties of a relation in the catalogs that matter to its readers and writers: everything that determines its
 * contents, or runs code when it is used. As texts that can be compared and shown to people.
 *
 * @param owner the owner
 * @param ownedBySuperuser whether the owner is a superuser
 * @param rowSecurity whether row level security is enabled or forced
 * @param identity {@code pg_class.relreplident}
 * @param ownerHasAll whether the owner has all privileges: they can be revoked from it, too
 * @param facts all other properties, for example {@code column lsn pg_lsn NOT NULL}
 * @param grants the privileges of roles other than the owner, on the relation or one of its columns
 */
record RelationFacts(
        String owner,
        boolean ownedBySuperuser,
        boolean rowSecurity,
        String identity,
        boolean ownerHasAll,
        Set<String> facts,
        List<Grant> grants) {

    private static final String OWNERS = """
            SELECT c.oid, c.relname, r.rolname, r.rolsuper, c.relrowsecurity OR c.relforcerowsecurity, c.relreplident,
                   CASE WHEN c.relkind = 'S' THEN (SELECT bool_and(has_sequence_privilege(c.relowner, c.oid, p))
                                                   FROM unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS p)
                        ELSE (SELECT bool_and(has_table_privilege(c.relowner, c.oid, p))
                              FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p) END
            FROM pg_class AS c
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            JOIN pg_roles AS r ON r.oid = c.relowner
            WHERE n.nspname = ? AND c.relname = ANY (?)
            """;

    /**
     * Quotes are removed, since the setting quote_all_identifiers would add them everywhere. Types have their names
     * from pg_type, since format_type has two names for some; a type, operator class or function that is not built in
     * is marked.
     */
    private static final String FACTS = """
            WITH c AS MATERIALIZED (
                SELECT c.* FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = ? AND c.relname = ANY (?))
            SELECT f.relname, replace(f.fact, '"', ''), NULL, NULL, NULL
            FROM (
                SELECT c.relname, CASE c.relpersistence WHEN 'u' THEN 'unlogged ' WHEN 't' THEN 'temporary ' ELSE '' END
                    || CASE c.relkind WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view'
                                      WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                                      WHEN 'p' THEN 'partitioned table' WHEN 'i' THEN 'index'
                                      ELSE 'relation of kind ' || c.relkind::text END
                    || CASE WHEN c.reloftype <> 0 THEN ' of type ' || c.reloftype::regtype ELSE '' END
                FROM c
                UNION ALL
                SELECT c.relname, 'column ' || concat_ws(' ', a.attname,
                    CASE WHEN t.typnamespace <> 'pg_catalog'::regnamespace THEN 'foreign type' END, t.typname,
                    CASE WHEN a.atttypmod <> -1 THEN '(' || a.atttypmod || ')' END,
                    CASE WHEN a.attcollation <> t.typcollation THEN 'COLLATE ' || a.attcollation::regcollation END,
                    CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                    CASE WHEN d.oid IS NOT NULL THEN CASE WHEN a.attgenerated <> '' THEN 'GENERATED AS ' ELSE 'DEFAULT ' END
                        || replace(pg_get_expr(d.adbin, d.adrelid), 'pg_catalog.', '') END,
                    CASE WHEN a.attidentity <> '' THEN 'GENERATED AS IDENTITY' END)
                FROM c
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                JOIN pg_type AS t ON t.oid = a.atttypid
                LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
                WHERE c.relkind <> 'S'
                UNION ALL
                SELECT c.relname, 'constraint ' || pg_get_constraintdef(k.oid)
                FROM c JOIN pg_constraint AS k ON k.conrelid = c.oid
                WHERE k.contype NOT IN ('n', 't')  -- NOT NULL is a property of the column, and triggers are below
                UNION ALL
                SELECT c.relname, 'foreign key of ' || k.conrelid::regclass
                FROM c JOIN pg_constraint AS k ON k.confrelid = c.oid
                UNION ALL
                SELECT c.relname, concat(CASE WHEN i.indisunique THEN 'unique ' END, 'index ', m.amname, ' (',
                    (SELECT string_agg(pg_get_indexdef(i.indexrelid, k, false), ', ' ORDER BY k)
                     FROM generate_series(1, i.indnatts) AS k), ')',
                    CASE WHEN i.indpred IS NOT NULL THEN ' WHERE ' || pg_get_expr(i.indpred, i.indrelid) END,
                    CASE WHEN EXISTS (SELECT FROM unnest(i.indclass::oid[]) AS o WHERE o >= 16384)
                         THEN ' of a foreign operator class' END)
                FROM c
                JOIN pg_index AS i ON i.indrelid = c.oid
                JOIN pg_class AS ic ON ic.oid = i.indexrelid
                JOIN pg_am AS m ON m.oid = ic.relam
                WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid)
                UNION ALL
                SELECT c.relname, 'trigger ' || g.tgname || ' calling ' || g.tgfoid::regproc
                FROM c JOIN pg_trigger AS g ON g.tgrelid = c.oid
                UNION ALL
                SELECT c.relname, 'rule ' || w.rulename FROM c JOIN pg_rewrite AS w ON w.ev_class = c.oid
                UNION ALL
                SELECT c.relname, 'policy ' || p.polname FROM c JOIN pg_policy AS p ON p.polrelid = c.oid
                UNION ALL
                SELECT c.relname, 'child ' || h.inhrelid::regclass FROM c JOIN pg_inherits AS h ON h.inhparent = c.oid
                UNION ALL
                SELECT c.relname, 'parent ' || h.inhparent::regclass FROM c JOIN pg_inherits AS h ON h.inhrelid = c.oid
                UNION ALL
                SELECT c.relname, 'rows of subscription ' || s.subname
                FROM c JOIN pg_subscription_rel AS r ON r.srrelid = c.oid JOIN pg_subscription AS s ON s.oid = r.srsubid
                WHERE s.subenabled
                UNION ALL
                SELECT c.relname, 'statistics ' || s.stxname FROM c JOIN pg_statistic_ext AS s ON s.stxrelid = c.oid
                UNION ALL
                SELECT c.relname, concat_ws(' ', t.typname, 'START', s.seqstart, 'INCREMENT', s.seqincrement,
                    'MINVALUE', s.seqmin, 'MAXVALUE', s.seqmax, 'CACHE', s.seqcache, CASE WHEN s.seqcycle THEN 'CYCLE' END)
                FROM c JOIN pg_sequence AS s ON s.seqrelid = c.oid JOIN pg_type AS t ON t.oid = s.seqtypid
                UNION ALL
                SELECT c.relname, 'owned by a column of ' || d.refobjid::regclass
                FROM c JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
                    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
                WHERE c.relkind = 'S'
            ) AS f (relname, fact)
            UNION ALL
            SELECT g.relname, NULL, g.privilege_type, coalesce(r.rolname, ''), coalesce(r.rolsuper, false)
            FROM (SELECT c.relname, c.relowner, a.* FROM c, aclexplode(c.relacl) AS a
                  UNION
                  SELECT c.relname, c.relowner, a.*
                  FROM c JOIN pg_attribute AS t ON t.attrelid = c.oid, aclexplode(t.attacl) AS a) AS g
            LEFT JOIN pg_roles AS r ON r.oid = g.grantee
            WHERE g.grantee <> g.relowner
            """;

    /** The properties of each existing relation of these names, whatever its kind. */
    static Map<String, RelationFacts> read(Connection connection, String schema, Collection<String> names)
            throws SQLException {
        Map<String, RelationFacts> found = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(OWNERS)) {
            statement.setString(1, schema);
            statement.setArray(2, connection.createArrayOf("text", names.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.put(
                            row.getString(2),
                            new RelationFacts(
                                    row.getString(3),
                                    row.getBoolean(4),
                                    row.getBoolean(5),
                                    row.getString(6),
                                    row.getBoolean(7),
                                    new TreeSet<>(),
                                    new ArrayList<>()));
                }
            }
        }
        if (!found.isEmpty()) {
            readFacts(connection, schema, names, found);
        }
        return found;
    }

    private static void readFacts(
            Connection connection, String schema, Collection<String> names, Map<String, RelationFacts> found)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FACTS)) {
            statement.setString(1, schema);
            statement.setArray(2, connection.createArrayOf("text", names.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    RelationFacts relation = found.get(row.getString(1));
                    if (relation != null && row.getString(2) != null) {
                        relation.facts.add(row.getString(2));
                    } else if (relation != null) {
                        relation.grants.add(new Grant(row.getString(3), row.getString(4), row.getBoolean(5)));
                    }
                }
            }
        }
    }
}
