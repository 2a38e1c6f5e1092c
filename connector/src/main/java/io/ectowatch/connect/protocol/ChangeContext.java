package io.ectowatch.connect.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction says about its changes: a JSON object that may stand before the entries of a journal row or of a
 * notification. {@code docs/formats.md} describes it.
 *
 * @param context a text of the application, or null
 * @param traceparent the header of that name of W3C Trace Context, or null
 * @param sessionUser the role with which the session was opened, or null
 * @param applicationName the session's {@code application_name}, or null
 * @param leftOut whether a part was too long or malformed, or did not fit
 */
public record ChangeContext(
        @Nullable String context,
        @Nullable String traceparent,
        @Nullable String sessionUser,
        @Nullable String applicationName,
        boolean leftOut) {

    /** The maximum length of the context in bytes, in UTF-8. */
    public static final int CONTEXT_BYTES = 4_096;

    /** More than a valid one has, and the most that a regular expression of PostgreSQL can count. */
    public static final int TRACEPARENT_BYTES = 255;

    public static final String CONTEXT = "context";
    public static final String TRACEPARENT = "traceparent";
    public static final String SESSION_USER = "session_user";
    public static final String APPLICATION_NAME = "application_name";

    /** Present, with the value true, if something was left out. */
    public static final String LEFT_OUT = "left_out";

    /** Version 00 has four parts. Later versions may have more, and version ff is invalid. Zeros are no IDs. */
    private static final Set<String> FIELDS = Set.of(CONTEXT, TRACEPARENT, SESSION_USER, APPLICATION_NAME, LEFT_OUT);

    private static final String IDS = "-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}";

    private static final Pattern VALID_TRACEPARENT =
            Pattern.compile("00" + IDS + "|(?!00|ff)[0-9a-f]{2}" + IDS + "(?:-[!-~]*)?");

    /** Whether an object whose first field has that name is one. */
    public static boolean beginsWith(@Nullable String name) {
        return name != null && FIELDS.contains(name);
    }

    /**
     * Reads the object.
     *
     * @param first the name of its first field, or null if it has none
     * @param parser at that name; afterwards at the object's end
     * @throws IOException if it is not such an object
     */
    public static ChangeContext read(@Nullable String first, JsonParser parser) throws IOException {
        String context = null;
        String traceparent = null;
        String sessionUser = null;
        String applicationName = null;
        boolean leftOut = false;
        for (String name = first; name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (value != (name.equals(LEFT_OUT) ? JsonToken.VALUE_TRUE : JsonToken.VALUE_STRING)) {
                throw new IOException("found a JSON " + value + " as " + name);
            }
            switch (name) {
                case CONTEXT -> context = parser.getText();
                case TRACEPARENT -> traceparent = parser.getText();
                case SESSION_USER -> sessionUser = parser.getText();
                case APPLICATION_NAME -> applicationName = parser.getText();
                case LEFT_OUT -> leftOut = true;
                default -> throw new IOException("found an unknown object before the changes");
            }
        }
        if (parser.currentToken() != JsonToken.END_OBJECT) {
            throw new IOException("the object before the changes has no end");
        }
        boolean malformed =
                traceparent != null && !VALID_TRACEPARENT.matcher(traceparent).matches();
        return new ChangeContext(
                context, malformed ? null : traceparent, sessionUser, applicationName, leftOut || malformed);
    }
}
