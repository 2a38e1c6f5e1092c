package io.ectowatch.connect.catalog;

import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the connector must know about a server before it uses it.
 *
 * @param versionNumber {@code server_version_num}, for example 180006
 * @param version as the server writes it, for example {@code 18.6}
 * @param relative the name of a database that only speaks PostgreSQL's protocol or is a fork that lacks what the
 *     connector needs; empty for PostgreSQL and its services
 * @param standby whether the server is in recovery: neither triggers nor {@code LISTEN} work there
 * @param database the database's name
 * @param role the connected role
 * @param superuser whether that role is a superuser
 * @param utf8 whether its texts are UTF-8 or can be converted to it; in {@code SQL_ASCII} they are arbitrary bytes
 * @param mayCreateSchema whether the role may create a schema in this database
 * @param schemaExists whether {@code database.schema} exists
 * @param mayUseSchema whether the role has both {@code USAGE} and {@code CREATE} on it; false if it does not exist
 * @param languageExists whether the database has the language PL/pgSQL
 * @param mayUseLanguage whether the role may create functions in it
 * @param preparesTransactions whether {@code max_prepared_transactions} allows two-phase transactions
 */
public record Server(
        int versionNumber,
        String version,
        Optional<String> relative,
        boolean standby,
        String database,
        String role,
        boolean superuser,
        boolean utf8,
        boolean mayCreateSchema,
        boolean schemaExists,
        boolean mayUseSchema,
        boolean languageExists,
        boolean mayUseLanguage,
        boolean preparesTransactions) {

    private static final int OLDEST = 14;

    /** How the answer of {@code version()} tells it from PostgreSQL. */
    private static final Map<String, String> RELATIVES = Map.of(
            "CockroachDB", "CockroachDB",
            "-YB-", "YugabyteDB",
            "Greenplum", "Greenplum",
            "Cloudberry", "Apache Cloudberry",
            "Redshift", "Amazon Redshift",
            "openGauss", "openGauss",
            "Materialize", "Materialize",
            "RisingWave", "RisingWave",
            "CrateDB", "CrateDB",
            "QuestDB", "QuestDB");

    private static final String QUERY = """
            SELECT current_setting('server_version_num')::int4,
                   current_setting('server_version'),
                   pg_is_in_recovery(),
                   current_database(),
                   current_user,
                   (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
                   getdatabaseencoding() <> 'SQL_ASCII',
                   has_database_privilege(current_database(), 'CREATE'),
                   ours.oid IS NOT NULL,
                   ours.oid IS NOT NULL
                       AND has_schema_privilege(ours.oid, 'USAGE')
                       AND has_schema_privilege(ours.oid, 'CREATE'),
                   language.oid IS NOT NULL,
                   language.oid IS NOT NULL AND has_language_privilege(language.oid, 'USAGE'),
                   current_setting('max_prepared_transactions')::int4 > 0,
                   version()
            FROM (SELECT ?::name AS nspname) AS asked
            LEFT JOIN pg_namespace AS ours USING (nspname)
            LEFT JOIN pg_language AS language ON language.lanname = 'plpgsql'
            """;

    /** @param schema the value of {@code database.schema} */
    public static Server read(Connection connection, String schema) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Server(
                        row.getInt(1),
                        row.getString(2),
                        relative(row.getString(14)),
                        row.getBoolean(3),
                        row.getString(4),
                        row.getString(5),
                        row.getBoolean(6),
                        row.getBoolean(7),
                        row.getBoolean(8),
                        row.getBoolean(9),
                        row.getBoolean(10),
                        row.getBoolean(11),
                        row.getBoolean(12),
                        row.getBoolean(13));
            }
        }
    }

    private static Optional<String> relative(String answer) {
        return RELATIVES.entrySet().stream()
                .filter(relative -> answer.contains(relative.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /**
     * What prevents the use of {@code schema}, each with its remedy; empty if nothing does.
     *
     * @param installing whether the connector creates objects there
     */
    public List<ConfigProblem> problems(String schema, boolean installing) {
        List<ConfigProblem> problems = new ArrayList<>();
        if (relative.isPresent()) {
            problems.add(new ConfigProblem(
                    "connection.url",
                    "The server is " + relative.get() + ", which lacks what the connector needs of PostgreSQL, such as"
                            + " triggers with transition tables, NOTIFY and pg_current_snapshot(). Use PostgreSQL "
                            + OLDEST + " or newer, or a service that runs it."));
        } else if (versionNumber / 10_000 < OLDEST) {
            problems.add(new ConfigProblem(
                    "connection.url",
                    "The server is PostgreSQL " + version + ". The connector needs PostgreSQL " + OLDEST
                            + " or newer."));
        }
        if (standby) {
            problems.add(new ConfigProblem(
                    "connection.url",
                    "The server is a standby, where neither triggers nor LISTEN work. Connect to the primary, for"
                            + " example by listing all hosts and adding targetServerType=primary to connection.url."));
        }
        if (!languageExists) {
            problems.add(new ConfigProblem(
                    "connection.user",
                    "Database " + database + " has no language PL/pgSQL, in which the triggers' functions are written."
                            + " Run as the database's owner: CREATE EXTENSION plpgsql;"));
        } else if (installing && !mayUseLanguage) {
            problems.add(new ConfigProblem(
                    "connection.user",
                    "Role " + role + " may not use the language PL/pgSQL, in which the triggers' functions are written."
                            + " Run as a superuser: GRANT USAGE ON LANGUAGE plpgsql TO " + SqlText.identifier(role)
                            + ";"));
        }
        if (installing && !schemaExists && !mayCreateSchema) {
            problems.add(new ConfigProblem(
                    "database.schema",
                    "Schema " + schema + " does not exist, and role " + role + " may not create it. Run as the"
                            + " database's owner: CREATE SCHEMA " + SqlText.identifier(schema) + " AUTHORIZATION "
                            + SqlText.identifier(role) + ";"));
        } else if (installing && schemaExists && !mayUseSchema) {
            problems.add(new ConfigProblem(
                    "database.schema",
                    "Role " + role + " may not create objects in schema " + schema + ". Run as the schema's owner:"
                            + " GRANT USAGE, CREATE ON SCHEMA " + SqlText.identifier(schema) + " TO"
                            + " " + SqlText.identifier(role)
                            + ";"));
        }
        return problems;
    }
}
