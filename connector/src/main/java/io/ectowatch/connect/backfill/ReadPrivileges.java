package io.ectowatch.connect.backfill;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.config.BackfillFragment;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The privileges that the connector's role needs to read the rows of watched tables. */
public final class ReadPrivileges {

    private static final String MISSING = """
            SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), quote_ident(current_user)
            FROM pg_attribute AS a
            WHERE a.attrelid = ?::oid AND a.attname = ANY (?) AND NOT has_column_privilege(a.attrelid, a.attnum, 'SELECT')
            """;

    private ReadPrivileges() {}

    /** The columns that are read for each row of a table, without those of a backfill's own condition. */
    static Set<Column> columns(WatchedTable table) {
        Set<Column> columns = new LinkedHashSet<>(table.carried());
        table.watchers().stream()
                .filter(watcher -> watcher.filter().when() != null)
                .forEach(watcher -> columns.addAll(
                        table.shape().mentionedBy(watcher.filter().when())));
        return columns;
    }

    /** What is missing, with the statement that grants it. */
    public static List<ConfigProblem> missing(Connection connection, List<WatchedTable> tables) throws SQLException {
        List<ConfigProblem> problems = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(MISSING)) {
            for (WatchedTable table : tables) {
                statement.setLong(1, table.shape().oid());
                statement.setArray(
                        2,
                        connection.createArrayOf(
                                "text",
                                columns(table).stream().map(Column::name).toArray()));
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    String columns = row.getString(1);
                    if (columns != null) {
                        String name = SqlText.identifier(
                                table.shape().name().schema(),
                                table.shape().name().table());
                        problems.add(new ConfigProblem(
                                BackfillFragment.BACKFILL_CONFIG,
                                "The connector's role may not read columns " + columns + " of "
                                        + table.shape().name() + ". Run: GRANT SELECT (" + columns + ") ON " + name
                                        + " TO " + row.getString(2) + ";"));
                    }
                }
            }
        }
        return problems;
    }
}
