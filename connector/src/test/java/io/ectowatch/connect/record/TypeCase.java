package io.ectowatch.connect.record;

import java.util.ArrayList;
import java.util.List;

/**
 * One type's values: what goes into the database, and what has to come out of the record.
 *
 * @param documented the type's name in the table of {@code docs/types.md}
 * @param declared the type as a column declares it
 * @param since the first PostgreSQL version that has all of it
 * @param samples distinct values
 */
public record TypeCase(String documented, String declared, int since, List<Sample> samples) {

    /**
     * @param sql an SQL expression that the type takes
     * @param expected the value as Connect holds it
     */
    public record Sample(String sql, Object expected) {}

    public static TypeCase of(String type) {
        return of(type, type);
    }

    static TypeCase of(String documented, String declared) {
        return new TypeCase(documented, declared, 14, new ArrayList<>());
    }

    TypeCase since(int version) {
        return new TypeCase(documented, declared, version, samples);
    }

    /** A value and what becomes of it. */
    public TypeCase value(String sql, Object expected) {
        samples.add(new Sample(sql, expected));
        return this;
    }

    /** Texts that come out as they go in. They contain no quote. */
    public TypeCase same(String... texts) {
        for (String text : texts) {
            value("'" + text + "'", text);
        }
        return this;
    }

    /** Names the test. */
    @Override
    public String toString() {
        return documented.equals(declared) ? declared : documented + ": " + declared;
    }
}
