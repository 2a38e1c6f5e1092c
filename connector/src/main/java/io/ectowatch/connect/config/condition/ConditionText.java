package io.ectowatch.connect.config.condition;

import io.ectowatch.connect.config.names.Identifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The words of a condition. Follows PostgreSQL's lexical rules (PG docs, sql-syntax-lexical) and rejects everything
 * that could change the meaning of the text in its place: comments, an end of the statement, unbalanced parentheses,
 * and everything that depends on the session.
 */
final class ConditionText {

    /** A subquery contains at least one of these. */
    private static final Set<String> QUERIES = Set.of("select", "values", "table");

    /** Words that a type follows. */
    private static final Set<String> BEFORE_TYPES = Set.of("as", "returning");

    private static final String OPERATOR_LETTERS = "+-*/<>=~!@#%^&|`?";

    private static final String CLOSED_BY = ")]";
    private static final String OPENED_BY = "([";

    private final String text;
    private int position;
    private final Deque<Character> open = new ArrayDeque<>();
    private final Set<String> names = new HashSet<>();
    private final Set<List<String>> calls = new HashSet<>();
    private final Set<List<String>> qualifiedNames = new HashSet<>();
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

    /** The names before an opening parenthesis. */
    Set<List<String>> calls() {
        return calls;
    }

    /** The schema and the name of each function, operator or type that is qualified with a schema. */
    Set<List<String>> qualifiedNames() {
        return qualifiedNames;
    }

    /** Whether {@code NEW} or {@code OLD} stands without a column. */
    boolean wholeRow() {
        return wholeRow;
    }

    private void read() {
        if (text.isEmpty()) {
            throw bad("It must not be empty. Write a condition such as NEW.total > 100.");
        }
        if (text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw bad("It contains a character that PostgreSQL does not accept.");
        }
        while (position < text.length()) {
            token(text.charAt(position));
        }
        endName();
        if (!open.isEmpty()) {
            throw bad("A \"" + open.peek() + "\" is not closed.");
        }
    }

    private void token(char letter) {
        if (isBlank(letter)) {
            position++;
        } else if (letter == '.' && !name.isEmpty() && !afterDot) {
            afterDot = true;
            position++;
        } else if (letter == '*' && afterDot) {
            wholeRow = true;
            position++;
            endName();
        } else if (letter == '"') {
            word(quoted('"', false), true);
        } else if (isNameStart(letter)) {
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
            case '\'' -> quoted('\'', false);
            case '$' -> dollarQuoted();
            case ';' -> throw bad("It must be a single expression. Remove the \";\".");
            case '(', '[' -> {
                open.push(letter);
                position++;
            }
            case ')', ']' -> {
                if (open.isEmpty() || OPENED_BY.indexOf(open.pop()) != CLOSED_BY.indexOf(letter)) {
                    throw bad("A \"" + letter + "\" has no opening bracket.");
                }
                position++;
            }
            default -> {
                if (text.startsWith("--", position) || text.startsWith("/*", position)) {
                    throw bad("It must not contain a comment.");
                }
                position++;
                if (Character.isDigit(letter)) {
                    restOfNumber();
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
                throw bad("It must not contain a subquery (" + word + "). It is evaluated for one row.");
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
        if (name.size() > 1 && !ofRow()) {
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
            throw bad("NEW and OLD are rows here, not schemas, so this name is not possible: " + String.join(".", name)
                    + ".");
        }
    }

    /** Reads what is between the parentheses of {@code OPERATOR(schema.+)}. */
    private void operator() {
        List<String> parts = new ArrayList<>();
        position++;
        while (true) {
            char letter = next();
            if (letter == '"') {
                parts.add(quoted('"', false));
            } else if (isNameStart(letter)) {
                parts.add(plainName());
            } else {
                break;
            }
            if (next() != '.') {
                throw bad("OPERATOR(...) must contain a schema, a dot and an operator.");
            }
            position++;
        }
        int start = position;
        while (position < text.length() && OPERATOR_LETTERS.indexOf(text.charAt(position)) >= 0) {
            position++;
        }
        String symbol = text.substring(start, position);
        if (symbol.isEmpty() || symbol.contains("--") || symbol.contains("/*") || next() != ')') {
            throw bad("OPERATOR(...) must contain a schema, a dot and an operator.");
        }
        position++;
        if (!parts.isEmpty()) {
            qualifiedNames.add(List.of(parts.get(parts.size() - 1), symbol));
        }
    }

    /** The next character that is not a blank. */
    private char next() {
        while (position < text.length() && isBlank(text.charAt(position))) {
            position++;
        }
        if (position >= text.length()) {
            throw bad("A \"(\" is not closed.");
        }
        return text.charAt(position);
    }

    private static boolean isBlank(char letter) {
        return letter == ' ' || letter >= '\t' && letter <= '\r';
    }

    private String plainName() {
        int start = position;
        StringBuilder folded = new StringBuilder();
        while (position < text.length() && isNamePart(text.charAt(position))) {
            folded.append((char) Identifier.fold(text.charAt(position++)));
        }
        String word = folded.toString();
        char next = position < text.length() ? text.charAt(position) : ' ';
        if (word.equals("e") && next == '\'') {
            refuseRowAsSchema();
            quoted('\'', true);
        } else if (word.equals("u") && next == '&' && position == start + 1) {
            throw bad("It must not contain U& strings or names. Write the characters themselves.");
        }
        return word;
    }

    /** The text between two of {@code quote}; a doubled quote stands for one. */
    private String quoted(char quote, boolean escapes) {
        StringBuilder content = new StringBuilder();
        position++;
        while (true) {
            if (position >= text.length()) {
                throw bad("A " + (quote == '"' ? "double" : "single") + " quote is not closed.");
            }
            char letter = text.charAt(position++);
            if (letter == quote) {
                if (position >= text.length() || text.charAt(position) != quote) {
                    return content.toString();
                }
                position++;
            } else if (letter == '\\' && quote == '\'') {
                if (!escapes) {
                    // Its meaning depends on standard_conforming_strings of the writer's session.
                    throw bad("Write a string with a backslash as E'...', with two backslashes.");
                }
                position++;
            }
            content.append(letter);
        }
    }

    private void dollarQuoted() {
        int end = position + 1;
        while (end < text.length() && isNamePart(text.charAt(end)) && text.charAt(end) != '$') {
            end++;
        }
        boolean tag = end < text.length()
                && text.charAt(end) == '$'
                && (end == position + 1 || isNameStart(text.charAt(position + 1)));
        if (!tag) {
            throw bad("It must not contain a parameter such as $1.");
        }
        String quote = text.substring(position, end + 1);
        int close = text.indexOf(quote, end + 1);
        if (close < 0) {
            throw bad("A " + quote + " is not closed.");
        }
        position = close + quote.length();
    }

    private void restOfNumber() {
        while (position < text.length() && (isNamePart(text.charAt(position)) || text.charAt(position) == '.')) {
            position++;
        }
    }

    private static boolean isNameStart(char letter) {
        return letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z' || letter == '_' || letter >= 0x80;
    }

    private static boolean isNamePart(char letter) {
        return isNameStart(letter) || letter >= '0' && letter <= '9' || letter == '$';
    }

    private static IllegalArgumentException bad(String sentence) {
        return new IllegalArgumentException(sentence);
    }
}
