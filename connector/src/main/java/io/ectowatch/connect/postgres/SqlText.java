package io.ectowatch.connect.postgres;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** The one place where names and texts from outside become part of an SQL statement. */
public final class SqlText {

    /** PostgreSQL's limit for names: {@code NAMEDATALEN - 1}, in bytes of the server's encoding. */
    public static final int NAME_BYTES = 63;

    private static final int HASH_DIGITS = 8;

    private SqlText() {}

    /** A name as a quoted identifier: {@code Odd "name"} becomes {@code "Odd ""name"""}. */
    public static String identifier(String name) {
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("an identifier must not be empty or contain a zero character");
        }
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** A name qualified by its schema, both quoted. */
    public static String identifier(String schema, String name) {
        return identifier(schema) + "." + identifier(name);
    }

    /**
     * A text as a string literal that means the same with both values of {@code standard_conforming_strings}: a text
     * with a backslash gets the escape form.
     */
    public static String literal(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a string literal must not contain a zero character");
        }
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.indexOf('\\') < 0 ? quoted : " E" + quoted.replace("\\", "\\\\");
    }

    /** A function body between dollar quotes, with a tag that the body does not contain. */
    public static String dollarQuoted(String body) {
        String tag = "$ectowatch$";
        for (int i = 2; body.contains(tag); i++) {
            tag = "$ectowatch" + i + "$";
        }
        return tag + body + tag;
    }

    /**
     * A name of at most {@value #NAME_BYTES} bytes: {@code parts} joined by dots. If that is ambiguous (too long, or
     * a dot within a part), a hash of the parts is appended.
     */
    public static String name(String... parts) {
        String joined = String.join(".", parts);
        boolean ambiguous = false;
        for (String part : parts) {
            ambiguous |= part.indexOf('.') >= 0;
        }
        if (!ambiguous && joined.getBytes(StandardCharsets.UTF_8).length <= NAME_BYTES) {
            return joined;
        }
        String hash = hash(HASH_DIGITS, parts);
        return cut(joined, NAME_BYTES - 1 - HASH_DIGITS) + "~" + hash;
    }

    /**
     * The first {@code digits} hexadecimal digits of the SHA-256 over {@code parts}; the parts are hashed separately.
     */
    public static String hash(int digits, String... parts) {
        return new TextHash(digits).of(List.of(parts));
    }

    /** The longest prefix of at most {@code bytes} bytes in UTF-8 that does not split a character. */
    private static String cut(String text, int bytes) {
        int used = 0;
        int end = 0;
        while (end < text.length()) {
            int codePoint = text.codePointAt(end);
            int size = codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
            if (used + size > bytes) {
                break;
            }
            used += size;
            end += Character.charCount(codePoint);
        }
        return text.substring(0, end);
    }
}
