package io.ectowatch.connect.config.names;

import java.util.List;
import java.util.Optional;

/**
 * The tables of one entry of {@code tables} or of a watcher's {@code table}: {@code users}, {@code billing.invoices},
 * {@code "Odd, ""Name"""}, {@code audit.*}. Names follow SQL: without quotes they are folded to lower case, and only
 * without quotes {@code *} matches any characters. The default schema is {@code public}.
 */
public final class TablePattern {

    private static final Identifier DEFAULT_SCHEMA = new Identifier("public", false);

    private final Identifier schema;
    private final Identifier table;

    private TablePattern(Identifier schema, Identifier table) {
        this.schema = schema;
        this.table = table;
    }

    /**
     * The patterns of a comma separated list, in its order; none if it is blank.
     *
     * @throws IllegalArgumentException with a sentence for the user, if an entry is not valid
     */
    public static List<TablePattern> parseList(String text) {
        return IdentifierParser.parse(text).stream().map(TablePattern::of).toList();
    }

    /**
     * The pattern that is the whole text.
     *
     * @throws IllegalArgumentException with a sentence for the user, if the text is not exactly one pattern
     */
    public static TablePattern parse(String text) {
        List<TablePattern> patterns = parseList(text);
        if (patterns.isEmpty()) {
            throw new IllegalArgumentException("It names no table. Write a table such as users or billing.invoices.");
        }
        if (patterns.size() > 1) {
            throw new IllegalArgumentException("It names " + patterns.size()
                    + " tables, but only one is allowed. Use a * for several, or put a name with a comma in double"
                    + " quotes.");
        }
        return patterns.get(0);
    }

    private static TablePattern of(List<Identifier> parts) {
        return switch (parts.size()) {
            case 1 -> new TablePattern(DEFAULT_SCHEMA, parts.get(0));
            case 2 -> new TablePattern(parts.get(0), parts.get(1));
            default ->
                throw new IllegalArgumentException(String.join(
                                ".", parts.stream().map(Identifier::toString).toList()) + " has " + parts.size()
                        + " parts. Write schema.table; connection.url names the database. Put a name that"
                        + " contains a dot in double quotes.");
        };
    }

    /** Whether the pattern can match any number of tables instead of exactly one. */
    public boolean isGlob() {
        return schema.isGlob() || table.isGlob();
    }

    public boolean matches(TableName name) {
        return schema.matches(name.schema()) && table.matches(name.table());
    }

    /** The exact table; empty for a glob. */
    public Optional<TableName> exactName() {
        return isGlob() ? Optional.empty() : Optional.of(new TableName(schema.text(), table.text()));
    }

    /** The name of the tables if it is the same for all of them, whatever their schemas. */
    public Optional<String> exactTable() {
        return table.isGlob() ? Optional.empty() : Optional.of(table.text());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TablePattern that && schema.equals(that.schema) && table.equals(that.table);
    }

    @Override
    public int hashCode() {
        return 31 * schema.hashCode() + table.hashCode();
    }

    /** The pattern with its schema, quoted only if necessary; reads as the same pattern again. */
    @Override
    public String toString() {
        return schema + "." + table;
    }
}
