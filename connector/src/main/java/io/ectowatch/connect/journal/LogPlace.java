package io.ectowatch.connect.journal;

/** A WAL location (LSN): PostgreSQL's {@code pg_lsn}, here as a number of bytes. */
final class LogPlace {

    private LogPlace() {}

    /** In PostgreSQL's text form. */
    static String text(long place) {
        return Long.toHexString(place >>> 32) + '/' + Long.toHexString(place & 0xffffffffL);
    }

    static long parse(String text) {
        int slash = text.indexOf('/');
        return Long.parseLong(text, 0, slash, 16) << 32 | Long.parseLong(text, slash + 1, text.length(), 16);
    }
}
