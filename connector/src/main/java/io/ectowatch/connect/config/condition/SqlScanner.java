package io.ectowatch.connect.config.condition;

import io.ectowatch.connect.config.names.Identifier;

/**
 * A place in an SQL expression that moves by PostgreSQL's lexical rules (PG docs, sql-syntax-lexical): over names, strings,
 * numbers and operators. Rejects what depends on the session.
 */
final class SqlScanner {

    private static final String OPERATOR_LETTERS = "+-*/<>=~!@#%^&|`?";

    private final String text;
    private int position;

    SqlScanner(String text) {
        this.text = text;
    }

    boolean atEnd() {
        return position >= text.length();
    }

    char letter() {
        return text.charAt(position);
    }

    boolean isAt(String next) {
        return text.startsWith(next, position);
    }

    void skip() {
        position++;
    }

    /** The next character that is not a blank. */
    char nextLetter() {
        while (!atEnd() && isBlank(letter())) {
            position++;
        }
        if (atEnd()) {
            throw bad("A \"(\" is not closed.");
        }
        return letter();
    }

    /** Reads a name or keyword that is not quoted; returns it as PostgreSQL folds it. */
    String plainName() {
        int start = position;
        StringBuilder folded = new StringBuilder();
        while (!atEnd() && isNamePart(letter())) {
            folded.append((char) Identifier.fold(text.charAt(position++)));
        }
        String word = folded.toString();
        if (word.equals("u") && isAt("&") && position == start + 1) {
            throw bad("It must not contain U& strings or names. Write the characters themselves.");
        }
        return word;
    }

    /**
     * Reads the text between two of {@code quote}; a doubled quote stands for one.
     *
     * @param escapes whether a backslash escapes the next character
     */
    String quoted(char quote, boolean escapes) {
        StringBuilder content = new StringBuilder();
        position++;
        while (true) {
            if (atEnd()) {
                throw bad("A " + (quote == '"' ? "double" : "single") + " quote is not closed.");
            }
            char letter = text.charAt(position++);
            if (letter == quote) {
                if (atEnd() || letter() != quote) {
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

    void dollarQuoted() {
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

    void restOfNumber() {
        while (!atEnd() && (isNamePart(letter()) || letter() == '.')) {
            position++;
        }
    }

    /** Reads an operator, which may be empty. */
    String operator() {
        int start = position;
        while (!atEnd() && OPERATOR_LETTERS.indexOf(letter()) >= 0) {
            position++;
        }
        return text.substring(start, position);
    }

    static boolean isBlank(char letter) {
        return letter == ' ' || letter >= '\t' && letter <= '\r';
    }

    static boolean isNameStart(char letter) {
        return letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z' || letter == '_' || letter >= 0x80;
    }

    private static boolean isNamePart(char letter) {
        return isNameStart(letter) || letter >= '0' && letter <= '9' || letter == '$';
    }

    /** The error for a sentence to the user. */
    static IllegalArgumentException bad(String sentence) {
        return new IllegalArgumentException(sentence);
    }
}
