package io.ectowatch.connect.config;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The words of a condition. Follows PostgreSQL's lexical rules (PG docs, sql-syntax-lexical) and refuses whatever could
 * make the text mean something else where it is put: comments, an end of the statement, parentheses that do not match,
 * and what reads differently from session to session.
 */
final class ConditionText {

    /** What a subquery cannot do without. */
    private static final Set<String> QUERIES = Set.of("select", "values", "table");

    /** Words with a type behind them. */
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

    /** The last word, if it stood without quotes, or symbol. */
    private String last = "";

    /** What {@link #last} was when the name began. */
    private String beforeName = "";

    /** The parts of the name being read, such as {@code NEW} and {@code email}; empty when there is none. */
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

    /** Every name that stands in it, folded where it stands without quotes; keywords are among them. */
    Set<String> names() {
        return names;
    }

    /** The names in front of an opening parenthesis. */
    Set<List<String>> calls() {
        return calls;
    }

    /** The schema and the name of what is named with a schema, be it a function, an operator or a type. */
    Set<List<String>> qualifiedNames() {
        return qualifiedNames;
    }

    /** Whether {@code NEW} or {@code OLD} stands without a column. */
    boolean wholeRow() {
        return wholeRow;
    }

    private void read() {
        if (text.isEmpty()) {
            throw bad("It must not be empty: write what has to hold, such as NEW.total > 100.");
        }
        if (text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw bad("It holds a character that PostgreSQL cannot read.");
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
            case ';' -> throw bad("It must be one expression: a \";\" would end the statement it becomes part of.");
            case '(', '[' -> {
                open.push(letter);
                position++;
            }
            case ')', ']' -> {
                if (open.isEmpty() || OPENED_BY.indexOf(open.pop()) != CLOSED_BY.indexOf(letter)) {
                    throw bad("A \"" + letter + "\" closes nothing.");
                }
                position++;
            }
            default -> {
                if (text.startsWith("--", position) || text.startsWith("/*", position)) {
                    throw bad("It must not hold a comment.");
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
                throw bad("It looks at one row alone, and so cannot hold a subquery (" + word + ").");
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
            throw bad("NEW and OLD are rows here. It cannot use a function or a type in a schema of that name: "
                    + String.join(".", name) + ".");
        }
    }

    /** What stands between the parentheses of {@code OPERATOR(schema.+)}. */
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
                throw bad("An OPERATOR(...) must hold a schema, a dot and an operator.");
            }
            position++;
        }
        int start = position;
        while (position < text.length() && OPERATOR_LETTERS.indexOf(text.charAt(position)) >= 0) {
            position++;
        }
        String symbol = text.substring(start, position);
        if (symbol.isEmpty() || symbol.contains("--") || symbol.contains("/*") || next() != ')') {
            throw bad("An OPERATOR(...) must hold a schema, a dot and an operator.");
        }
        position++;
        if (!parts.isEmpty()) {
            qualifiedNames.add(List.of(parts.get(parts.size() - 1), symbol));
        }
    }

    /** The character at the place where reading goes on, blanks left out. */
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
            throw bad("It must not hold U& texts or names: write the characters themselves.");
        }
        return word;
    }

    /** What stands between two of {@code quote}, which written twice stands for itself. */
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
                    // standard_conforming_strings of the writer's session would decide what it means.
                    throw bad("A text with a backslash has to be written as E'...', with the backslash twice.");
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
            throw bad("It must not hold a parameter such as $1: there is nothing to fill it with.");
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
