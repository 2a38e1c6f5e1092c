package io.ectowatch.connect.config.condition;

import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A watcher's {@code when}: a boolean SQL expression over {@code NEW} and {@code OLD}. This class knows its words;
 * only the server knows what it means. Two conditions are equal when their texts are.
 */
public final class Condition {

    private final String text;
    private final ConditionText words;

    private Condition(String text, ConditionText words) {
        this.text = text;
        this.words = words;
    }

    /**
     * Reads a condition far enough to know that it is a single expression wherever it is placed between parentheses.
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

    /** Whether it mentions the row after the change. */
    public boolean mentionsNew() {
        return words.names().contains("new");
    }

    /** Whether it mentions the row before the change. */
    public boolean mentionsOld() {
        return words.names().contains("old");
    }

    /** Whether it may mention a column of that exact name; never false for a column that it mentions. */
    public boolean mayMention(String column) {
        return words.wholeRow() || words.names().contains(column);
    }

    /** The names after {@code NEW.} and {@code OLD.}, in alphabetical order. The server cuts long ones. */
    public Set<String> columns() {
        return words.columns();
    }

    /** The exact names of the functions that it may call, each with its schema if that is written. */
    public Set<List<String>> calls() {
        return words.calls();
    }

    /** The functions, operators and types that it names with a schema, as schema and name; without columns. */
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
