package io.ectowatch.connect.catalog;

import io.ectowatch.connect.config.Condition;
import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Asks the server what it makes of a condition, by {@code PREPARE}: that analyses a statement, and neither plans nor runs
 * it. Needs a transaction, which it leaves as it was but for the search path.
 */
final class ConditionCheck {

    /** Classes of SQLSTATE that speak of the text: feature, data, syntax or access, limits such as depth. */
    private static final Set<String> ABOUT_THE_TEXT = Set.of("0A", "22", "42", "54");

    private static final String VOLATILE = """
            SELECT DISTINCT n.nspname, p.proname
            FROM unnest(?::text[], ?::text[]) AS called (schema, name)
            JOIN pg_catalog.pg_namespace AS n ON n.nspname = called.schema
            JOIN pg_catalog.pg_proc AS p ON p.pronamespace = n.oid AND p.proname = called.name AND p.provolatile = 'v'
            ORDER BY 1, 2
            """;

    private final Connection connection;

    /** {@code connection}: within a transaction, best a read-only one. */
    ConditionCheck(Connection connection) {
        this.connection = connection;
    }

    /** Why a watcher of that table cannot have the condition, with what to do; empty when it can. */
    Optional<String> obstacle(TableShape table, Condition condition) throws SQLException {
        Optional<String> refusal = refusal(table, table.mentionedBy(condition), condition);
        if (refusal.isEmpty()) {
            return volatileCall(condition);
        }
        // With all columns before its eyes the server may know which one was meant.
        Optional<String> better = refusal(table, table.comparedColumns(), condition);
        return Optional.of("For table " + table.name() + " PostgreSQL says: " + better.orElse(refusal.get()));
    }

    /** What the server has against the condition where NEW and OLD have these columns. */
    private Optional<String> refusal(TableShape table, List<Column> columns, Condition condition) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            // Braces are JDBC's otherwise.
            statement.setEscapeProcessing(false);
            statement.execute("SET LOCAL search_path = pg_catalog, pg_temp");
            statement.execute("SET LOCAL lock_timeout = '2s'");
            String row = row(table, columns);
            statement.execute("PREPARE ectowatch_condition AS SELECT FROM (" + row + ") AS \"new\", (" + row
                    + ") AS \"old\" WHERE (\n" + condition.text() + "\n)");
            statement.execute("DEALLOCATE ectowatch_condition");
            return Optional.empty();
        } catch (SQLException e) {
            connection.rollback(before);
            if (e.getSQLState() != null
                    && e.getSQLState().length() == 5
                    && ABOUT_THE_TEXT.contains(e.getSQLState().substring(0, 2))) {
                return Optional.of(said(e));
            }
            throw e;
        }
    }

    private static String row(TableShape table, List<Column> columns) {
        return columns.stream()
                .map(column -> "t." + SqlText.identifier(column.name()))
                .collect(Collectors.joining(
                        ", ",
                        "SELECT ",
                        " FROM ONLY "
                                + SqlText.identifier(
                                        table.name().schema(), table.name().table()) + " AS t"));
    }

    /** What a condition calls runs within the application's statements: it must not have side effects. */
    private Optional<String> volatileCall(Condition condition) throws SQLException {
        List<String> schemas = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (List<String> call : condition.calls()) {
            schemas.add(call.size() == 1 ? "pg_catalog" : call.get(call.size() - 2));
            names.add(call.get(call.size() - 1));
        }
        try (PreparedStatement query = connection.prepareStatement(VOLATILE)) {
            query.setArray(1, connection.createArrayOf("text", schemas.toArray()));
            query.setArray(2, connection.createArrayOf("text", names.toArray()));
            try (ResultSet row = query.executeQuery()) {
                return row.next()
                        ? Optional.of("Function " + row.getString(1) + "." + row.getString(2)
                                + " is marked VOLATILE, so it may have side effects, and would run within the"
                                + " application's statements: use one that is STABLE or IMMUTABLE.")
                        : Optional.empty();
            }
        }
    }

    /** The server's message and hint, without the position, which would be one in our statement. */
    private static String said(SQLException e) {
        StringBuilder said = new StringBuilder();
        e.getMessage().lines().map(String::strip).forEach(line -> {
            if (said.isEmpty()) {
                said.append(line.replaceFirst("^[A-Z]+: +", "")).append('.');
            } else if (line.startsWith("Hint: ")) {
                said.append(' ').append(line.substring("Hint: ".length()));
            }
        });
        if ("42883".equals(e.getSQLState())) {
            said.append(" A function, operator or type outside pg_catalog needs its schema in front.");
        }
        return said.toString();
    }
}
