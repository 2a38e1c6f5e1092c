package io.ectowatch.connect.config;

import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What a watcher's {@code when} asks of a row: a boolean expression of SQL over {@code NEW} and {@code OLD}. Its words are
 * known, its meaning is the server's business. Equal when the texts are.
 */
public final class Condition {

    private final String text;
    private final ConditionText words;

    private Condition(String text, ConditionText words) {
        this.text = text;
        this.words = words;
    }

    /**
     * Reads a condition far enough to know that it is one expression, and nothing more, wherever it is put between
     * parentheses.
     *
     * @throws IllegalArgumentException with a sentence for the user, if it is not
     */
    public static Condition parse(String text) {
        return new Condition(text.strip(), ConditionText.read(text.strip()));
    }

    /** The expression, as written. */
    public String text() {
        return text;
    }

    /** Whether the row after the change is mentioned. */
    public boolean mentionsNew() {
        return words.names().contains("new");
    }

    /** Whether the row before the change is mentioned. */
    public boolean mentionsOld() {
        return words.names().contains("old");
    }

    /** Whether a column of that exact name may be meant; never false for one that is. */
    public boolean mayMention(String column) {
        return words.wholeRow() || words.names().contains(column);
    }

    /** The exact names of the functions it may call, each with its schema in front if that is written. */
    public Set<List<String>> calls() {
        return words.calls();
    }

    /** What it names with a schema in front, functions, operators or types, as schema and name; columns are left out. */
    public Set<List<String>> qualifiedNames() {
        return words.qualifiedNames();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Condition that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(text);
    }

    @Override
    public String toString() {
        return text;
    }
}
