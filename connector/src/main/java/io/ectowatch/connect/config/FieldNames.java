package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** How the fields of records that contain a column are named. */
public enum FieldNames {
    /** As the column, whatever characters its name contains. */
    EXACT,
    /** As Avro's grammar allows: {@code [A-Za-z_][A-Za-z0-9_]*}. Different columns get different names. */
    AVRO;

    // Also an underscore that would look like the begin of an escaped character, so that the name can be reversed.
    private static final Pattern ILLEGAL = Pattern.compile("^[0-9]|[^A-Za-z0-9_]|_(?=u[0-9a-f]{4})");

    /** The name used in settings, for example {@code avro}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The value of that name, in any case; empty if there is no such value. */
    static Optional<FieldNames> parse(String text) {
        return Arrays.stream(values())
                .filter(value -> value.text().equalsIgnoreCase(text))
                .findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(FieldNames::text).toList();
    }

    /** The name of the field for a column. */
    public String of(String column) {
        return this == EXACT ? column : ILLEGAL.matcher(column).replaceAll(match -> escaped(match.group()));
    }

    /** One escape for each UTF-16 unit, as in Java source code. */
    private static String escaped(String character) {
        StringBuilder escapes = new StringBuilder();
        character.chars().forEach(unit -> escapes.append("_u").append("%04x".formatted(unit)));
        return escapes.toString();
    }

    @Override
    public String toString() {
        return text();
    }
}
