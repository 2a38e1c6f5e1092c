package io.ectowatch.connect.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.EntryFields.Field;
import io.ectowatch.connect.protocol.EntryFields.Kind;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the entries of a table have: all that a reader has to know. It is stored in the database beside the journal, since
 * a row outlives the configuration under which it was written. {@code docs/formats.md} describes its text.
 *
 * @param table the table
 * @param keyLength how many columns the primary key has: the first values are the key
 * @param watchers the watchers in the order of their bits, if {@code fields} has the number of the watchers
 * @param fields the values of an entry, in order
 */
public record Layout(TableName table, int keyLength, List<String> watchers, EntryFields<Layout.Column> fields) {

    /**
     * A column of the table.
     *
     * @param name its name
     * @param kind how its values are encoded: the name of a {@code ColumnKind}
     * @param type PostgreSQL's name of its type, for messages
     */
    public record Column(String name, String kind, String type) {}

    private static final JsonFactory JSON = new JsonFactory();

    private static final int NAME_DIGITS = 12;

    /** The first text of a part of the definition that is no value. */
    private static final String WATCHERS = "watchers";

    private static final String PREVIOUS = "previous";
    private static final String CHANGED = "changed";
    /** Where a shortened entry ends, if that is not behind the key. */
    private static final String SHORTENED = "shortened";

    public Layout {
        watchers = List.copyOf(watchers);
    }

    /**
     * A short name. It stays the same as long as the same values of the same kinds are written in the same order, so that
     * a change written for another layout is never misread.
     */
    public String name() {
        List<String> parts = new ArrayList<>();
        parts.add(table.schema());
        parts.add(table.table());
        parts.add(Integer.toString(keyLength));
        for (int i = 0; i <= fields.all().size(); i++) {
            if (endsShortened(i)) {
                parts.add(part(SHORTENED));
            }
            if (i < fields.all().size()) {
                addTo(parts, fields.all().get(i));
            }
        }
        return SqlText.hash(NAME_DIGITS, parts.toArray(new String[0]));
    }

    private void addTo(List<String> parts, Field<Column> field) {
        switch (field.kind()) {
            case WATCHERS -> {
                parts.add(part(WATCHERS));
                parts.add(Integer.toString(watchers.size()));
                parts.addAll(watchers);
            }
            case VALUE -> {
                parts.add(field.requiredColumn().name());
                parts.add(field.requiredColumn().kind());
            }
            case PREVIOUS -> {
                parts.add(part(PREVIOUS));
                parts.add(field.requiredColumn().name());
            }
            case CHANGED -> parts.add(part(CHANGED));
        }
    }

    /** What cannot be the name of a column. */
    private static String part(String what) {
        return "\0" + what;
    }

    /** Whether a shortened entry ends before that field, which is not said where it has just the key. */
    private boolean endsShortened(int field) {
        return field == fields.shortLength() && field != keyLength;
    }

    /** The text that is stored: a JSON array. */
    public String definition() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartArray();
            json.writeString(table.schema());
            json.writeString(table.table());
            json.writeNumber(keyLength);
            for (int i = 0; i <= fields.all().size(); i++) {
                if (endsShortened(i)) {
                    writePart(json, List.of(SHORTENED));
                }
                if (i < fields.all().size()) {
                    write(json, fields.all().get(i));
                }
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory cannot fail", e);
        }
        return text.toString();
    }

    private void write(JsonGenerator json, Field<Column> field) throws IOException {
        switch (field.kind()) {
            case WATCHERS -> {
                List<String> part = new ArrayList<>(List.of(WATCHERS));
                part.addAll(watchers);
                writePart(json, part);
            }
            case VALUE -> {
                json.writeString(field.requiredColumn().name());
                json.writeString(field.requiredColumn().kind());
                json.writeString(field.requiredColumn().type());
            }
            case PREVIOUS ->
                writePart(json, List.of(PREVIOUS, field.requiredColumn().name()));
            case CHANGED -> writePart(json, List.of(CHANGED));
        }
    }

    private static void writePart(JsonGenerator json, List<String> texts) throws IOException {
        json.writeStartArray();
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    /**
     * Reads the text that is stored.
     *
     * @throws IllegalArgumentException if it is not valid
     */
    public static Layout parse(String definition) {
        try (JsonParser json = JSON.createParser(definition)) {
            require(json.nextToken() == JsonToken.START_ARRAY);
            TableName table = new TableName(json.nextTextValue(), json.nextTextValue());
            int keyLength = json.nextIntValue(0);
            List<Field<String>> names = new ArrayList<>();
            Map<String, Column> columns = new TreeMap<>();
            List<String> watchers = List.of();
            int shortLength = keyLength;
            for (JsonToken token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
                if (token == JsonToken.VALUE_STRING) {
                    Column column = new Column(json.getText(), text(json), text(json));
                    columns.put(column.name(), column);
                    names.add(new Field<>(Kind.VALUE, column.name()));
                    continue;
                }
                List<String> part = part(json);
                switch (part.get(0)) {
                    case WATCHERS -> {
                        watchers = part.subList(1, part.size());
                        names.add(new Field<>(Kind.WATCHERS, null));
                    }
                    case PREVIOUS -> names.add(new Field<>(Kind.PREVIOUS, part.get(1)));
                    case CHANGED -> names.add(new Field<>(Kind.CHANGED, null));
                    case SHORTENED -> shortLength = names.size();
                    default -> throw new IllegalArgumentException("unknown part " + part.get(0));
                }
            }
            require(keyLength > 0 && shortLength >= keyLength && shortLength <= names.size());
            EntryFields<Column> fields = new EntryFields<>(names, shortLength).map(columns::get);
            require(fields.all().stream()
                    .allMatch(field ->
                            field.column() != null || field.kind() == Kind.WATCHERS || field.kind() == Kind.CHANGED));
            return new Layout(table, keyLength, watchers, fields);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("the definition of a layout is damaged: " + definition, e);
        }
    }

    private static List<String> part(JsonParser json) throws IOException {
        require(json.currentToken() == JsonToken.START_ARRAY);
        List<String> part = new ArrayList<>();
        while (json.nextToken() == JsonToken.VALUE_STRING) {
            part.add(json.getText());
        }
        require(json.currentToken() == JsonToken.END_ARRAY && !part.isEmpty());
        return part;
    }

    private static String text(JsonParser json) throws IOException {
        String text = json.nextTextValue();
        require(text != null);
        return text;
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException("a value is missing or has the wrong type");
        }
    }
}
