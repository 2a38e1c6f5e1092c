package io.ectowatch.quickstart;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Inserts, updates or deletes one row of the shop database at a time, in an endless loop. Each round is the visit of
 * one customer, and covers all tables and all events.
 */
final class SampleChanges implements AutoCloseable {

    private static final List<String> NAMES =
            List.of("Ada", "Edgar", "Grace", "Barbara", "Michael", "Frances", "Donald", "Radia");
    private static final List<String> CITIES = List.of("Turin", "Oslo", "Lisbon", "Kyoto", "Quito", "Accra", "Perth");
    private static final List<String> PRODUCTS = List.of("lamp", "teapot", "atlas", "kite", "harmonica", "compass");
    private static final int STEPS = 10;

    private final Connection connection;
    private int next;
    private long customer;
    private long order;

    SampleChanges(Connection connection) throws SQLException {
        this.connection = connection;
        connection.setAutoCommit(false);
    }

    /** A change that is not committed yet. */
    record Change(String sql, long transactionId) {}

    /**
     * Changes the next row. {@link #commit} commits the change. Skips statements that find no row or violate a
     * constraint because another session has changed the database.
     */
    Change next() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            while (true) {
                String sql = statement(next++);
                if (changesOneRow(statement, sql)) {
                    return new Change(sql, transactionId(statement));
                }
                connection.rollback();
            }
        }
    }

    void commit() throws SQLException {
        connection.commit();
    }

    private String statement(int number) {
        int round = number / STEPS;
        switch (number % STEPS) {
            case 0:
                return "INSERT INTO customers (name, city) VALUES ('%s', '%s')"
                        .formatted(pick(NAMES, round), pick(CITIES, round));
            case 1:
                return "INSERT INTO orders (customer_id, status) VALUES (%d, 'open')".formatted(customer);
            case 2:
                return "INSERT INTO order_items VALUES (%d, 1, '%s', 1)".formatted(order, pick(PRODUCTS, round));
            case 3:
                return "INSERT INTO order_items VALUES (%d, 2, 'gift wrap', 1)".formatted(order);
            case 4:
                return "UPDATE order_items SET quantity = 3 WHERE order_id = %d AND line = 1".formatted(order);
            case 5:
                return "DELETE FROM order_items WHERE order_id = %d AND line = 2".formatted(order);
            case 6:
                return "UPDATE orders SET status = 'paid' WHERE id = %d".formatted(order);
            case 7:
                return "UPDATE customers SET city = '%s' WHERE id = %d".formatted(pick(CITIES, round + 1), customer);
            case 8:
                return "DELETE FROM order_items WHERE order_id = %d AND line = 1".formatted(order);
            default:
                return "DELETE FROM orders WHERE id = %d".formatted(order);
        }
    }

    private boolean changesOneRow(Statement statement, String sql) throws SQLException {
        try {
            if (statement.executeUpdate(sql, Statement.RETURN_GENERATED_KEYS) != 1) {
                return false;
            }
        } catch (SQLException e) {
            if (e.getSQLState().startsWith("23")) { // Class 23: integrity constraint violation.
                return false;
            }
            throw e;
        }
        if (sql.startsWith("INSERT INTO customers")) {
            customer = generatedId(statement);
        } else if (sql.startsWith("INSERT INTO orders")) {
            order = generatedId(statement);
        }
        return true;
    }

    private static long generatedId(Statement statement) throws SQLException {
        try (ResultSet keys = statement.getGeneratedKeys()) {
            keys.next();
            return keys.getLong("id");
        }
    }

    private static long transactionId(Statement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery("SELECT pg_current_xact_id()::text::bigint")) {
            result.next();
            return result.getLong(1);
        }
    }

    private static String pick(List<String> list, int round) {
        return list.get(round % list.size());
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
