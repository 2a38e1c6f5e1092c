package io.ectowatch.connect.admin;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.config.ConnectionFragment;
import io.ectowatch.connect.config.DeliveryFragment;
import io.ectowatch.connect.config.WatchFragment;
import io.ectowatch.connect.config.WatcherFragment;
import io.ectowatch.connect.config.WatcherTables;
import io.ectowatch.connect.config.names.Identifier;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.config.names.TablePattern;
import io.ectowatch.connect.watch.TableChoices;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a form can offer for the settings that name tables, columns, schemas and roles, as the database has them. What
 * cannot be read is not offered: that is never a problem of the configuration.
 */
final class CatalogChoices {

    private static final Logger log = LoggerFactory.getLogger(CatalogChoices.class);

    /** More would not help in a form, and would make the response long. */
    private static final int MOST = 1_000;

    /** How many schemas are offered as a pattern for all of their tables. */
    private static final int MOST_SCHEMAS = 100;

    /** The server ends a query that takes longer, in milliseconds. */
    private static final int QUERY_MS = 1_500;

    /** The schemas that the role may use, first those in which it may create objects. */
    private static final String SCHEMAS = """
            SELECT n.nspname
            FROM pg_namespace AS n
            WHERE n.nspname <> 'information_schema' AND NOT starts_with(n.nspname, 'pg_')
              AND has_schema_privilege(n.oid, 'USAGE')
            ORDER BY NOT has_schema_privilege(n.oid, 'CREATE'), n.nspname
            """;

    /** The roles for SET ROLE: the role that logged in must be a member of them; from PostgreSQL 16 on, one that may set them. */
    private static final String ROLES = """
            SELECT r.rolname
            FROM pg_roles AS r
            WHERE NOT starts_with(r.rolname, 'pg_') AND r.rolname <> session_user
              AND pg_has_role(session_user, r.oid,
                              CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
            ORDER BY r.rolname
            """;

    private interface Query<T> {
        T run() throws SQLException;
    }

    private final Connection connection;
    private final String ownSchema;
    private final Map<String, Optional<TablePattern>> watchers;

    /**
     * @param connection in autocommit mode
     * @param ownSchema the value of {@code database.schema}
     * @param watchers see {@link WatcherTables#patterns}
     */
    CatalogChoices(Connection connection, String ownSchema, Map<String, Optional<TablePattern>> watchers) {
        this.connection = connection;
        this.ownSchema = ownSchema;
        this.watchers = Map.copyOf(watchers);
    }

    /** The choices by setting. Changes the connection's time limit. */
    Map<String, List<String>> read() {
        Map<String, List<String>> choices = new HashMap<>();
        Optional<TableChoices> found = attempt(() -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET statement_timeout = " + QUERY_MS);
            }
            List<TablePattern> patterns =
                    watchers.values().stream().flatMap(Optional::stream).toList();
            return TableChoices.read(
                    connection,
                    patterns,
                    ownSchema,
                    column("SELECT current_user").get(0));
        });
        found.ifPresent(tables -> addTables(tables, choices));
        attempt(() -> column(SCHEMAS))
                .ifPresent(schemas -> choices.put(DeliveryFragment.SCHEMA_CONFIG, withDefault(schemas)));
        attempt(() -> column(ROLES)).ifPresent(roles -> choices.put(ConnectionFragment.ROLE_CONFIG, roles));
        choices.replaceAll((setting, values) -> values.stream().limit(MOST).toList());
        return choices;
    }

    private void addTables(TableChoices found, Map<String, List<String>> choices) {
        List<String> schemas = found.tables().stream()
                .map(table -> new Identifier(table.schema(), false) + ".*")
                .distinct()
                .limit(MOST_SCHEMAS)
                .toList();
        List<String> tables = Stream.concat(
                        found.tables().stream().map(CatalogChoices::written).limit(MOST - schemas.size()),
                        schemas.stream())
                .toList();
        choices.put(WatchFragment.TABLES_CONFIG, tables);
        watchers.forEach((prefix, pattern) -> {
            List<Column> columns =
                    pattern.map(known -> found.columns().get(known)).orElse(List.of());
            choices.put(prefix + WatcherFragment.TABLE_CONFIG, tables);
            choices.put(prefix + WatcherFragment.EXTRA_COLUMNS_CONFIG, names(columns, any -> true));
            choices.put(prefix + WatcherFragment.COLUMNS_CONFIG, names(columns, any -> true));
            choices.put(prefix + WatcherFragment.KEY_COLUMNS_CONFIG, names(columns, column -> !column.nullable()));
        });
    }

    private static List<String> names(List<Column> columns, Predicate<Column> wanted) {
        return columns.stream()
                .filter(wanted)
                .map(column -> new Identifier(column.name(), false).toString())
                .toList();
    }

    /** As one writes it in a setting: in double quotes only if necessary. */
    private static String written(TableName table) {
        return new Identifier(table.schema(), false) + "." + new Identifier(table.table(), false);
    }

    /** The schema that is used without the setting comes first, whether or not it exists. */
    private static List<String> withDefault(List<String> schemas) {
        Set<String> all = new LinkedHashSet<>(List.of(DeliveryFragment.SCHEMA_DEFAULT));
        all.addAll(schemas);
        return List.copyOf(all);
    }

    private List<String> column(String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }

    private static <T> Optional<T> attempt(Query<T> query) {
        try {
            return Optional.of(query.run());
        } catch (SQLException e) {
            log.debug("Choices for the settings could not be read from the database: SQLSTATE {}", e.getSQLState());
            return Optional.empty();
        } catch (RuntimeException e) {
            log.warn("Choices for the settings could not be read from the database. They are left out.", e);
            return Optional.empty();
        }
    }
}
