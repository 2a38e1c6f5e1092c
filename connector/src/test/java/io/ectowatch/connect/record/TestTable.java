package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnReader;
import io.ectowatch.connect.catalog.Trust;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.record.TypeCase.Sample;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** A table of its own for one test. */
final class TestTable {

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Connection connection;
    private final String name;

    private TestTable(Connection connection, String name) {
        this.connection = connection;
        this.name = name;
    }

    static TestTable create(Connection connection, String columns) throws SQLException {
        return create(connection, "t" + COUNT.incrementAndGet(), columns);
    }

    static TestTable create(Connection connection, String name, String columns) throws SQLException {
        TestTable table = new TestTable(connection, name);
        table.execute("CREATE TABLE " + table.reference() + " (" + columns + ")");
        return table;
    }

    static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    String reference() {
        return "public." + quoted(name);
    }

    /** False when the column's type has no order and so cannot be a key. */
    boolean addPrimaryKey(String column) throws SQLException {
        try {
            execute("ALTER TABLE " + reference() + " ADD PRIMARY KEY (" + column + ")");
            return true;
        } catch (SQLException e) {
            if (e.getMessage().contains("has no default operator class")) {
                return false;
            }
            throw e;
        }
    }

    /** @param row the VALUES of the row, from its number and the sample */
    void insert(List<Sample> samples, BiFunction<Integer, Sample, String> row) throws SQLException {
        execute(IntStream.range(0, samples.size())
                .mapToObj(n -> "INSERT INTO " + reference() + " VALUES (" + row.apply(n, samples.get(n)) + ")")
                .toArray(String[]::new));
    }

    WatchedTable watched(List<String> key, List<String> extraColumns) throws SQLException {
        List<Column> columns = columns();
        return Tables.watched(
                new TableName("public", name),
                pick(columns, key),
                Tables.watcher(pick(columns, extraColumns).toArray(Column[]::new)));
    }

    private List<Column> columns() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT ?::regclass::oid")) {
            query.setString(1, reference());
            try (ResultSet row = query.executeQuery()) {
                row.next();
                long oid = row.getLong(1);
                return new ColumnReader(new Trust("postgres"))
                        .read(connection, List.of(oid))
                        .get(oid);
            }
        }
    }

    private void execute(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static List<Column> pick(List<Column> columns, List<String> names) {
        return names.stream()
                .map(name -> columns.stream()
                        .filter(column -> column.name().equals(name))
                        .findFirst()
                        .orElseThrow())
                .toList();
    }
}
