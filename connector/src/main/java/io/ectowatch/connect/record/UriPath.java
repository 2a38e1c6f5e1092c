package io.ectowatch.connect.record;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Encodes any text as a part of a URI's path. */
final class UriPath {

    /** The characters that need no encoding between two slashes, besides letters and digits: RFC 3986, section 3.3. */
    private static final String UNENCODED = "-._~!$&'()*+,;=:@";

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private UriPath() {}

    /** The text with {@code %} and two hexadecimal digits for each byte that must be encoded, slashes included. */
    static String segment(String text) {
        StringBuilder segment = new StringBuilder(text.length());
        for (byte letter : text.getBytes(StandardCharsets.UTF_8)) {
            if (isUnencoded(letter)) {
                segment.append((char) letter);
            } else {
                HEX.toHexDigits(segment.append('%'), letter);
            }
        }
        return segment.toString();
    }

    /** A column's value as text, bytes in hexadecimal digits. */
    static String segment(Object value) {
        return value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : segment(value.toString());
    }

    private static boolean isUnencoded(byte letter) {
        return letter >= 'a' && letter <= 'z'
                || letter >= 'A' && letter <= 'Z'
                || letter >= '0' && letter <= '9'
                || UNENCODED.indexOf(letter) >= 0;
    }
}
