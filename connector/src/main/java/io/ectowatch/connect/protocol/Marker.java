package io.ectowatch.connect.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.ectowatch.connect.config.Version;
import io.ectowatch.connect.postgres.SqlText;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The comment by which the connector recognizes its own objects, never by the name alone. Objects other than
 * functions only have the connector's name in it, and objects that the connectors of a schema share do not have even
 * that.
 *
 * <p>The comment also has the version that created the object, for people. It is neither read nor compared, and is in no
 * function's text: else each upgrade would replace every function and announce a resync of every table, and with
 * {@code install.mode=verify} somebody would have to run the SQL again.
 *
 * @param connector the owning connector's name
 * @param table the table it serves, for people
 * @param layout the layout of its changes, see {@code watch.WatchedTable.layout}
 * @param delivery the delivery mode it is for, see {@code DeliveryMode}
 * @param hash the hash of its definition
 */
public record Marker(String connector, String table, String layout, String delivery, String hash) {

    private static final JsonFactory JSON = new JsonFactory();
    private static final String FORMAT = "ectowatch";
    private static final int VERSION = 1;

    /** The marker of an object of the connector without a definition to compare. */
    public static Marker of(String connector) {
        return new Marker(connector, "", "", "", "");
    }

    /** The marker of an object that all connectors share. */
    public static Marker shared() {
        return of("");
    }

    /** The text of the comment: JSON on one line. */
    public String comment() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField(FORMAT, VERSION);
            json.writeStringField("connector", connector);
            json.writeStringField("table", table);
            json.writeStringField("layout", layout);
            json.writeStringField("delivery", delivery);
            json.writeStringField("hash", hash);
            json.writeStringField("version", Version.current());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory cannot fail", e);
        }
        return text.toString();
    }

    /** The beginning of the comment of all markers of that connector; or, for an empty text, of those of shared objects. */
    public static String beginning(String connector) {
        String comment = of(connector).comment();
        return comment.substring(0, comment.indexOf("\"table\":\"\",\"layout\""));
    }

    /** The same as an SQL expression. {@code connector} is one, too, of type {@code text}. */
    public static String beginningSql(String connector) {
        String start = beginning();
        return SqlText.literal(start.substring(0, start.length() - 1)) + " || to_json(" + connector + ")::text || ','";
    }

    /** The beginning of the comment of all markers. */
    public static String beginning() {
        String shared = beginning("");
        return shared.substring(0, shared.lastIndexOf("\","));
    }

    /** The contents of a comment, or empty if it is not a marker. */
    public static Optional<Marker> parse(String comment) {
        if (comment == null || !comment.startsWith("{")) {
            return Optional.empty();
        }
        Map<String, String> fields = new HashMap<>();
        try (JsonParser json = JSON.createParser(comment)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                if (!json.nextToken().isScalarValue()) {
                    return Optional.empty();
                }
                fields.put(field, json.getText());
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        boolean ours = Integer.toString(VERSION).equals(fields.get(FORMAT))
                && fields.keySet().containsAll(Set.of("connector", "table", "layout", "delivery", "hash"));
        return ours
                ? Optional.of(new Marker(
                        fields.getOrDefault("connector", ""),
                        fields.getOrDefault("table", ""),
                        fields.getOrDefault("layout", ""),
                        fields.getOrDefault("delivery", ""),
                        fields.getOrDefault("hash", "")))
                : Optional.empty();
    }
}
