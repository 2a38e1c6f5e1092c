package io.ectowatch.connect.postgres;

import java.util.Locale;

/** A WAL location (LSN): PostgreSQL's {@code pg_lsn}, here as a number of bytes. */
public final class Lsn {

    private Lsn() {}

    /** In PostgreSQL's text form. */
    public static String text(long place) {
        return (Long.toHexString(place >>> 32) + '/' + Long.toHexString(place & 0xffffffffL)).toUpperCase(Locale.ROOT);
    }

    public static long parse(String text) {
        int slash = text.indexOf('/');
        return Long.parseLong(text, 0, slash, 16) << 32 | Long.parseLong(text, slash + 1, text.length(), 16);
    }
}
