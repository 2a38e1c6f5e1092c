package io.ectowatch.connect.config.condition;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The names in a condition: columns, functions, operators and types. Rejects everything that could change the meaning of
 * the text in its place: comments, an end of the statement, unbalanced parentheses, and subqueries.
 */
final class ConditionText {

    /** A subquery contains at least one of these. */
    private static final Set<String> QUERIES = Set.of("select", "values", "table");

    /** Words that a type follows. */
    private static final Set<String> BEFORE_TYPES = Set.of("as", "returning");

    private static final String CLOSED_BY = ")]";
    private static final String OPENED_BY = "([";

    private final String text;
    private final SqlScanner scanner;
    private final Deque<Character> open = new ArrayDeque<>();
    private final Set<String> names = new HashSet<>();
    private final Set<List<String>> calls = new HashSet<>();
    private final Set<List<String>> qualifiedNames = new HashSet<>();
    private final Set<String> columns = new TreeSet<>();
    private boolean wholeRow;

    /** The last word, if it was not quoted, or symbol. */
    private String last = "";

    /** The value of {@link #last} when the name began. */
    private String beforeName = "";

    /** The parts of the name that is being read, such as {@code NEW} and {@code email}, or empty. */
    private final List<String> name = new ArrayList<>();

    private boolean afterDot;

    private ConditionText(String text) {
        this.text = text;
        scanner = new SqlScanner(text);
    }

    static ConditionText read(String text) {
        ConditionText words = new ConditionText(text);
        words.read();
        return words;
    }

    /** Every name in the text, folded if it is not quoted; keywords are included. */
    Set<String> names() {
        return names;
    }

    /** The names before an opening parenthesis, or after an expression and a dot. */
    Set<List<String>> calls() {
        return calls;
    }

    /** The schema and the name of each function, operator or type that is qualified with a schema. */
    Set<List<String>> qualifiedNames() {
        return qualifiedNames;
    }

    /** The names after {@code NEW.} and {@code OLD.}, folded if they are not quoted. */
    Set<String> columns() {
        return columns;
    }

    /** Whether {@code NEW} or {@code OLD} stands without a column. */
    boolean wholeRow() {
        return wholeRow;
    }

    private void read() {
        if (text.isEmpty()) {
            throw SqlScanner.bad("It must not be empty. Write a condition such as NEW.total > 100.");
        }
        if (text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw SqlScanner.bad("It contains a character that PostgreSQL does not accept.");
        }
        while (!scanner.atEnd()) {
            token(scanner.letter());
        }
        endName();
        if (!open.isEmpty()) {
            throw SqlScanner.bad("A \"" + open.peek() + "\" is not closed.");
        }
    }

    private void token(char letter) {
        if (SqlScanner.isBlank(letter)) {
            scanner.skip();
        } else if (letter == '.' && !name.isEmpty() && !afterDot) {
            afterDot = true;
            scanner.skip();
        } else if (letter == '*' && afterDot) {
            wholeRow = true;
            scanner.skip();
            endName();
        } else if (letter == '"') {
            word(scanner.quoted('"', false), true);
        } else if (SqlScanner.isNameStart(letter)) {
            word(plainName(), false);
        } else {
            if (letter == '(' && !name.isEmpty()) {
                calls.add(List.copyOf(name));
            }
            if (letter == '(' || letter == '\'' || letter == '$') {
                refuseRowAsSchema();
            }
            endName();
            if (letter == '(' && last.equals("operator")) {
                operator();
            } else {
                symbol(letter);
            }
            last = String.valueOf(letter);
        }
    }

    private void symbol(char letter) {
        switch (letter) {
            case '\'' -> scanner.quoted('\'', false);
            case '$' -> scanner.dollarQuoted();
            case ';' -> throw SqlScanner.bad("It must be a single expression. Remove the \";\".");
            case '(', '[' -> {
                open.push(letter);
                scanner.skip();
            }
            case ')', ']' -> {
                if (open.isEmpty() || OPENED_BY.indexOf(open.pop()) != CLOSED_BY.indexOf(letter)) {
                    throw SqlScanner.bad("A \"" + letter + "\" has no opening bracket.");
                }
                scanner.skip();
            }
            default -> {
                if (scanner.isAt("--") || scanner.isAt("/*")) {
                    throw SqlScanner.bad("It must not contain a comment.");
                }
                scanner.skip();
                if (Character.isDigit(letter)) {
                    scanner.restOfNumber();
                }
            }
        }
    }

    private void word(String word, boolean inQuotes) {
        names.add(word);
        if (!afterDot) {
            endName();
            beforeName = last;
            if (!inQuotes && QUERIES.contains(word)) {
                throw SqlScanner.bad("It must not contain a subquery (" + word + "). It is evaluated for one row.");
            }
        }
        name.add(word);
        last = inQuotes ? "\"" : afterDot ? "." : word;
        afterDot = false;
    }

    private void endName() {
        if (name.size() == 1 && (name.get(0).equals("new") || name.get(0).equals("old"))) {
            wholeRow = true;
        }
        if (ofRow()) {
            columns.add(name.get(1));
        }
        if (beforeName.equals(".")) {
            // (x).f calls f(x), unless x has a column f.
            name.forEach(part -> calls.add(List.of(part)));
        } else if (name.size() > 1 && !ofRow()) {
            qualifiedNames.add(List.copyOf(name.subList(name.size() - 2, name.size())));
        } else if (beforeName.equals(":") || BEFORE_TYPES.contains(beforeName)) {
            refuseRowAsSchema();
        }
        name.clear();
        afterDot = false;
    }

    private boolean ofRow() {
        return name.size() > 1 && (name.get(0).equals("new") || name.get(0).equals("old"));
    }

    private void refuseRowAsSchema() {
        if (ofRow()) {
            throw SqlScanner.bad("NEW and OLD are rows here, not schemas, so this name is not possible: "
                    + String.join(".", name) + ".");
        }
    }

    /** Reads what is between the parentheses of {@code OPERATOR(schema.+)}. */
    private void operator() {
        List<String> parts = new ArrayList<>();
        scanner.skip();
        while (true) {
            char letter = scanner.nextLetter();
            if (letter == '"') {
                parts.add(scanner.quoted('"', false));
            } else if (SqlScanner.isNameStart(letter)) {
                parts.add(plainName());
            } else {
                break;
            }
            if (scanner.nextLetter() != '.') {
                throw SqlScanner.bad("OPERATOR(...) must contain a schema, a dot and an operator.");
            }
            scanner.skip();
        }
        String symbol = scanner.operator();
        if (symbol.isEmpty() || symbol.contains("--") || symbol.contains("/*") || scanner.nextLetter() != ')') {
            throw SqlScanner.bad("OPERATOR(...) must contain a schema, a dot and an operator.");
        }
        scanner.skip();
        if (!parts.isEmpty()) {
            qualifiedNames.add(List.of(parts.get(parts.size() - 1), symbol));
        }
    }

    private String plainName() {
        String word = scanner.plainName();
        if (word.equals("e") && scanner.isAt("'")) {
            refuseRowAsSchema();
            scanner.quoted('\'', true);
        }
        return word;
    }
}
