package io.ectowatch.connect.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text of a notification in {@code notify} delivery, a JSON array: the layout, the letter of the event, the
 * transaction, the number of the statement, the position of the first of these changes among those of the statement, and
 * an array of entries. A seventh element is the number of the statement, in the same transaction, before which the
 * changes belong. A notification of a gap has only the layout and the letter {@value #GAP}; further elements make it
 * different from others. {@code docs/formats.md} has the whole.
 */
public final class NotifyPayload {

    private static final String GAP = "g";

    /** Layout, transaction, and the number of the statement that it precedes. */
    private static final Pattern EARLIER =
            Pattern.compile("\\[\"([0-9A-Za-z_-]+)\",\"[a-zA-Z]\",(\\d+),\\d+,\\d+,\\[.*],(\\d+)]", Pattern.DOTALL);

    /** The first two elements. {@code layout} and {@code event} are null where they are not texts. */
    public record Head(@Nullable String layout, @Nullable String event) {

        /** Whether it announces that changes are missing. */
        public boolean isGap() {
            return GAP.equals(event);
        }
    }

    /**
     * The elements before the entries.
     *
     * @param transaction the transaction
     * @param number the number of the statement: microseconds since 1970
     * @param first the position of the first entry among the changes of the statement
     */
    public record Statement(long transaction, long number, long first) {}

    /** The statement before which a notification's changes belong. */
    public record Successor(String layout, String transaction, String number) {

        /** Whether that payload is of this statement. */
        public boolean is(String payload) {
            String head = "[\"" + layout + "\",\"";
            String tail = "\"," + transaction + "," + number + ",";
            return payload.startsWith(head) && payload.startsWith(tail, head.length() + 1);
        }
    }

    private NotifyPayload() {}

    /**
     * The payload as an SQL expression; all but the layout are expressions, too.
     *
     * @param entries the entries, separated by commas
     * @param successor a comma and the number of the statement before which the changes belong, or an empty text
     */
    public static String sql(
            String layout,
            String event,
            String transaction,
            String number,
            String first,
            String entries,
            Optional<String> successor) {
        return "'[\"" + layout + "\",\"' || " + event + " || '\",' || " + transaction + " || ',' || " + number
                + "\n    || ',' || " + first + " || ',[' || " + entries + " || ']'"
                + successor.map(text -> "\n    || " + text).orElse("") + " || ']'";
    }

    /** The payload of a gap in the changes of that layout. */
    public static String gap(String layout) {
        return "[\"" + layout + "\",\"" + GAP + "\"]";
    }

    /**
     * The same as an SQL expression, with a number, another expression: PostgreSQL sends what a transaction repeats only
     * once, where it came first.
     */
    public static String numberedGap(String layout, String number) {
        return "'[\"" + layout + "\",\"" + GAP + "\",' || " + number + " || ']'";
    }

    /**
     * Reads the beginning of a payload.
     *
     * @throws IllegalArgumentException if it is not an array
     */
    public static Head head(JsonParser parser) throws IOException {
        expect(parser.nextToken(), JsonToken.START_ARRAY);
        return new Head(parser.nextTextValue(), parser.nextTextValue());
    }

    /**
     * Reads on, up to the opening bracket of the entries.
     *
     * @throws IllegalArgumentException if that is missing
     */
    public static Statement statement(JsonParser parser) throws IOException {
        Statement statement = new Statement(parser.nextLongValue(0), parser.nextLongValue(0), parser.nextLongValue(0));
        expect(parser.nextToken(), JsonToken.START_ARRAY);
        return statement;
    }

    /** The statement before which the payload's changes belong; empty for most. */
    public static Optional<Successor> successor(String payload) {
        Matcher earlier = payload.endsWith("]]") ? null : EARLIER.matcher(payload);
        return earlier != null && earlier.matches()
                ? Optional.of(new Successor(earlier.group(1), earlier.group(2), earlier.group(3)))
                : Optional.empty();
    }

    private static void expect(JsonToken found, JsonToken expected) {
        if (found != expected) {
            throw new IllegalArgumentException("expected " + expected + ", found " + found);
        }
    }
}
