package io.ectowatch.connect.generated;

import io.ectowatch.connect.record.TypeCase;
import io.ectowatch.connect.record.TypeCase.Sample;
import io.ectowatch.connect.record.TypeCases;
import io.ectowatch.connect.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** The types of {@code docs/types.md} with the values of {@link TypeCases}, as a server prints them. */
final class Sorts {

    private static final int LONGEST_TEXT = 200;

    /** {@code docs/watchers.md}: these are compared as PostgreSQL does, all others by their texts. */
    private static final Set<String> COMPARED = Set.of(
            "numeric", "real", "double precision", "jsonb", "interval", "timetz", "numrange", "nummultirange", "money");

    private final List<Sort> all = new ArrayList<>();
    private final List<Sort> keys = new ArrayList<>();

    Sorts(TestDatabase database) throws SQLException {
        int version = TestDatabase.serverVersion();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            List<TypeCase> cases = Stream.concat(TypeCases.all().stream(), equalValues())
                    .filter(type -> type.since() <= version)
                    .toList();
            for (TypeCase type : cases) {
                Sort sort = read(statement, type);
                all.add(sort);
                if (sort.values().size() > 1 && canBeKey(statement, sort)) {
                    keys.add(sort);
                }
            }
        }
    }

    /** Values that PostgreSQL compares as equal, although they print differently. */
    private static Stream<TypeCase> equalValues() {
        return Stream.of(
                TypeCase.of("numeric").same("1.0", "1.00", "2"),
                TypeCase.of("double precision")
                        .value("'0'", 0.0)
                        .value("'-0'", -0.0)
                        .value("1", 1.0),
                TypeCase.of("jsonb").same("1.0", "1.00", "{}"),
                TypeCase.of("interval").same("P1M", "P30D", "P1D"),
                TypeCase.of("citext").same("a", "A", "b"),
                TypeCase.of("numrange").same("[1.0,2]", "[1.00,2]", "empty"));
    }

    Sort any(Random random) {
        return all.get(random.nextInt(all.size()));
    }

    Sort key(Random random) {
        return keys.get(random.nextInt(keys.size()));
    }

    private static Sort read(Statement statement, TypeCase type) throws SQLException {
        List<Sort.Value> values = new ArrayList<>();
        for (Sample sample : type.samples()) {
            String sql = "(" + sample.sql() + ")::" + type.declared();
            String text = text(statement, "SELECT " + sql);
            if (text.length() <= LONGEST_TEXT) {
                values.add(new Sort.Value(sql, text, sample.expected()));
            }
        }
        Set<String> equal = new HashSet<>();
        if (COMPARED.contains(type.documented())) {
            for (Sort.Value one : values) {
                for (Sort.Value other : values) {
                    if (text(statement, "SELECT " + one.sql() + " = " + other.sql())
                            .equals("t")) {
                        equal.add(Sort.pair(one.text(), other.text()));
                    }
                }
            }
        }
        return new Sort(type.declared(), List.copyOf(values), equal);
    }

    private static boolean canBeKey(Statement statement, Sort sort) throws SQLException {
        try {
            statement.execute("CREATE TEMP TABLE attempt (v " + sort.declared() + " PRIMARY KEY)");
            statement.execute("DROP TABLE attempt");
            return true;
        } catch (SQLException e) {
            return false; // no order
        }
    }

    private static String text(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
