package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.catalog.Trust;
import io.ectowatch.connect.config.condition.Condition;
import io.ectowatch.connect.postgres.SqlStates;
import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Lets the server check a condition with {@code PREPARE}, which analyses a statement but neither plans nor runs it.
 * Needs a transaction, and changes only its search path.
 */
final class ConditionCheck {

    /** SQLSTATE classes of errors in the text: feature, data, syntax or access, limits such as depth. */
    private static final Set<String> ABOUT_THE_TEXT = Set.of("0A", "22", "42", "54");

    private final Connection connection;
    private final ConditionTrust trust;

    /** @param connection in a transaction, preferably a read-only one */
    ConditionCheck(Connection connection, Trust trust) {
        this.connection = connection;
        this.trust = new ConditionTrust(connection, trust);
    }

    /** Why a watcher of this table cannot use the condition, and what to do; empty if it can. */
    Optional<String> obstacle(TableShape table, Condition condition) throws SQLException {
        // Analysing a literal calls its type's input function. So check whom it belongs to before.
        Optional<String> danger = trust.obstacle(table.mentionedBy(condition), condition);
        if (danger.isPresent()) {
            return danger;
        }
        Optional<String> refusal = refusal(table.mentionedBy(condition), condition);
        if (refusal.isEmpty()) {
            return noColumn(table, condition);
        }
        // With all columns the server can suggest which one was meant.
        Optional<String> better = refusal(table.comparedColumns(), condition);
        return Optional.of("For table " + table.name() + " PostgreSQL reports: " + better.orElse(refusal.get()));
    }

    /** For the server NEW.f may be f(NEW). In the triggers' functions it is always a column. */
    private static Optional<String> noColumn(TableShape table, Condition condition) {
        Set<String> columns =
                table.comparedColumns().stream().map(Column::name).collect(Collectors.toUnmodifiableSet());
        return condition.columns().stream()
                .filter(name -> !columns.contains(name))
                .findFirst()
                .map(name -> "Table " + table.name() + " has no column \"" + name
                        + "\". To pass the whole row to a function, write " + name + "(NEW) or " + name + "(OLD).");
    }

    /** The server's error for the condition if NEW and OLD have these columns. */
    private Optional<String> refusal(List<Column> columns, Condition condition) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            // JDBC would interpret braces.
            statement.setEscapeProcessing(false);
            statement.execute("SET LOCAL search_path = pg_catalog, pg_temp");
            String row = row(columns);
            statement.execute("PREPARE ectowatch_condition AS SELECT FROM (" + row + ") AS \"new\", (" + row
                    + ") AS \"old\" WHERE (\n" + condition.text() + "\n)");
            statement.execute("DEALLOCATE ectowatch_condition");
            return Optional.empty();
        } catch (SQLException e) {
            connection.rollback(before);
            if (e.getSQLState() != null
                    && e.getSQLState().length() == 5
                    && ABOUT_THE_TEXT.contains(e.getSQLState().substring(0, 2))) {
                return Optional.of(serverMessage(e));
            }
            throw e;
        }
    }

    /** The row has the types that the trigger's function will pass. It does not read the table, which may be locked. */
    private static String row(List<Column> columns) {
        return columns.stream()
                .map(column -> column.typedNull() + " AS " + SqlText.identifier(column.name()))
                .collect(Collectors.joining(", ", "SELECT ", ""));
    }

    /** The server's message and hint, without the position, which refers to the generated statement. */
    private static String serverMessage(SQLException e) {
        StringBuilder said = new StringBuilder();
        String.valueOf(e.getMessage()).lines().map(String::strip).forEach(line -> {
            if (said.isEmpty()) {
                said.append(line.replaceFirst("^[A-Z]+: +", "")).append('.');
            } else if (line.startsWith("Hint: ")) {
                said.append(' ').append(line.substring("Hint: ".length()));
            }
        });
        if (SqlStates.is(e, SqlStates.UNDEFINED_FUNCTION)) {
            said.append(" Write a function, operator or type outside pg_catalog with its schema.");
        }
        return said.toString();
    }
}
