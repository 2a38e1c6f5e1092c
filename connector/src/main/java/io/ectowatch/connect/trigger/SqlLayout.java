package io.ectowatch.connect.trigger;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lays out expressions as a person would: in one line if that is short, else with a line for each item. */
final class SqlLayout {

    private static final int WIDTH = 80;

    private SqlLayout() {}

    /** The items between {@code open} and {@code close}, separated by commas: a call, an array. */
    static String list(String open, List<String> items, String close) {
        String line = open + String.join(", ", items) + close;
        return isShort(line) ? line : lines(open, String.join(",\n", items), close);
    }

    /** The text in lines of its own between {@code open} and {@code close}. */
    static String lines(String open, String text, String close) {
        return open + "\n    " + indented(text) + "\n" + close;
    }

    /** The items, with an operator such as OR between them. */
    static String joined(List<String> items, String operator) {
        String line = String.join(" " + operator + " ", items);
        return isShort(line) ? line : String.join("\n" + operator + " ", items);
    }

    /** An expression or a query in parentheses. */
    static String parenthesized(String text) {
        return list("(", List.of(text), ")");
    }

    /** CASE with one condition; {@code otherwise} may be null. */
    static String choose(String condition, String then, @Nullable String otherwise) {
        String line =
                "CASE WHEN " + condition + " THEN " + then + (otherwise == null ? "" : " ELSE " + otherwise) + " END";
        return isShort(line)
                ? line
                : "CASE\n    WHEN " + indented(indented(condition)) + "\n    THEN " + indented(then)
                        + (otherwise == null ? "" : "\n    ELSE " + indented(otherwise)) + "\nEND";
    }

    /** CASE of one expression; {@code branches}: each value, and the result for it. */
    static String chooseBy(String expression, List<Map.Entry<String, String>> branches, String otherwise) {
        StringBuilder text = new StringBuilder("CASE " + expression);
        for (Map.Entry<String, String> branch : branches) {
            text.append("\n    WHEN ").append(branch.getKey()).append(" THEN ").append(indented(branch.getValue()));
        }
        return text + "\n    ELSE " + indented(otherwise) + "\nEND";
    }

    /** A query without further clauses; {@code from} may be null. */
    static String select(List<String> columns, @Nullable String from) {
        String line = "SELECT " + String.join(", ", columns) + (from == null ? "" : " FROM " + from);
        return isShort(line)
                ? line
                : "SELECT\n    " + indented(String.join(",\n", columns)) + (from == null ? "" : "\nFROM " + from);
    }

    private static String indented(String text) {
        return Template.indented(text, "    ");
    }

    private static boolean isShort(String text) {
        return text.length() <= WIDTH && text.indexOf('\n') < 0;
    }
}
