package io.ectowatch.connect.config.names;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One part of a name in a setting: the exact name of a schema, table or column, or a glob over such names.
 *
 * @param text the exact name, folded if it was not quoted; or the glob
 * @param isGlob whether each {@code *} in the text matches any characters, or none
 */
public record Identifier(String text, boolean isGlob) {

    /** {@code NAMEDATALEN - 1}: PostgreSQL's limit for a name, in bytes. */
    public static final int MAX_BYTES = 63;

    /**
     * Whether a character may be written without quotes. More than SQL allows ({@code -}, a digit at the start), as
     * long as it is unambiguous. Blanks and invisible characters are probably mistakes.
     */
    static boolean isPlain(int codePoint) {
        if (codePoint < 0x80) {
            return codePoint >= 'a' && codePoint <= 'z'
                    || codePoint >= 'A' && codePoint <= 'Z'
                    || codePoint >= '0' && codePoint <= '9'
                    || codePoint == '_'
                    || codePoint == '$'
                    || codePoint == '-';
        }
        return !Character.isWhitespace(codePoint)
                && !Character.isSpaceChar(codePoint)
                && !Character.isISOControl(codePoint)
                && Character.getType(codePoint) != Character.FORMAT;
    }

    /** Folds names without quotes like PostgreSQL in a UTF-8 database: only ASCII letters. */
    public static int fold(int codePoint) {
        return codePoint >= 'A' && codePoint <= 'Z' ? codePoint + ('a' - 'A') : codePoint;
    }

    /** Why this cannot be a name in PostgreSQL, as the rest of a sentence that begins with "It"; empty if it can. */
    public static Optional<String> obstacle(String name) {
        if (name.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            return Optional.of("contains a character that PostgreSQL does not allow in names");
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        return bytes <= MAX_BYTES
                ? Optional.empty()
                : Optional.of("has a name of " + bytes + " bytes (UTF-8), but PostgreSQL allows at most " + MAX_BYTES);
    }

    boolean matches(String name) {
        return isGlob ? globMatches(name) : text.equals(name);
    }

    /** Goes back to the last {@code *} only, so that a glob with many stars costs at most length times length. */
    private boolean globMatches(String name) {
        int inGlob = 0;
        int inName = 0;
        int star = -1;
        int takenByStar = 0;
        while (inName < name.length()) {
            if (inGlob < text.length() && text.charAt(inGlob) == '*') {
                star = inGlob++;
                takenByStar = inName;
            } else if (inGlob < text.length() && text.charAt(inGlob) == name.charAt(inName)) {
                inGlob++;
                inName++;
            } else if (star >= 0) {
                inGlob = star + 1;
                inName = ++takenByStar;
            } else {
                return false;
            }
        }
        while (inGlob < text.length() && text.charAt(inGlob) == '*') {
            inGlob++;
        }
        return inGlob == text.length();
    }

    /** The shortest text that reads as this identifier again: quoted only if necessary. */
    @Override
    public String toString() {
        boolean plain = isGlob || text.codePoints().allMatch(letter -> isPlain(letter) && letter == fold(letter));
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
