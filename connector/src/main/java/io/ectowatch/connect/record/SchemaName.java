package io.ectowatch.connect.record;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Schema names in the grammar of Avro's full names, the strictest of the converters: segments of {@code
 * [A-Za-z_][A-Za-z0-9_]*} between dots.
 */
final class SchemaName {

    private SchemaName() {}

    /**
     * The prefix and the parts, joined by dots. Dots of the prefix separate segments; dots within a part, and all
     * other characters that a segment must not contain, become {@code _}.
     */
    static String of(String prefix, String... parts) {
        Stream<String> leading = Stream.of(prefix.split("\\.")).filter(segment -> !segment.isEmpty());
        return Stream.concat(leading, Stream.of(parts)).map(SchemaName::segment).collect(Collectors.joining("."));
    }

    private static String segment(String text) {
        StringBuilder segment = new StringBuilder(text.length() + 1);
        text.codePoints().forEach(c -> segment.append(isLetter(c) || isDigit(c) ? (char) c : '_'));
        if (segment.isEmpty() || isDigit(segment.charAt(0))) {
            segment.insert(0, '_');
        }
        return segment.toString();
    }

    private static boolean isLetter(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
