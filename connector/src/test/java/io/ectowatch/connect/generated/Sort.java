package io.ectowatch.connect.generated;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A type with some of its values.
 *
 * @param declared the type as a column declares it
 * @param values distinct values, at least one; of an integer type only those that statements start with
 * @param equal pairs of texts whose values PostgreSQL compares as equal, each as {@link #pair}
 */
record Sort(String declared, List<Value> values, Set<String> equal) {

    /**
     * @param sql an SQL expression
     * @param text how the server prints it in the test's session
     * @param expected the value as Connect holds it
     */
    record Value(String sql, String text, Object expected) {}

    /** Integers, which statements can calculate with. */
    static Sort integers(String declared, int from, int to) {
        List<Value> values = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            String text = Integer.toString(i);
            values.add(new Value(text, text, integer(declared, text)));
        }
        return new Sort(declared, values, Set.of());
    }

    static String pair(String one, String other) {
        return one.length() + "," + one + other;
    }

    boolean isNumber() {
        return declared.equals("int") || declared.equals("bigint") || declared.equals("smallint");
    }

    /** What a record has for a value that the server prints so, as a text with its class. */
    String published(String text) {
        if (text == null) {
            return "null";
        }
        if (isNumber()) {
            return print(integer(declared, text));
        }
        return values.stream()
                .filter(value -> value.text().equals(text))
                .map(value -> print(value.expected()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(declared + " has no sample " + text));
    }

    static String print(Object value) {
        if (value instanceof byte[] bytes) {
            return "bytes" + Arrays.toString(bytes);
        }
        return value == null ? "null" : value.getClass().getSimpleName() + " " + value;
    }

    /** Whether two values differ for {@code columns} and {@code changed}. */
    boolean differ(String one, String other) {
        if (one == null || other == null) {
            return one != other;
        }
        return !one.equals(other) && !equal.contains(pair(one, other));
    }

    private static Object integer(String declared, String text) {
        return switch (declared) {
            case "bigint" -> Long.valueOf(text);
            case "smallint" -> Short.valueOf(text);
            default -> Integer.valueOf(text);
        };
    }
}
