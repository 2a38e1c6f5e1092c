package io.ectowatch.connect.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.protocol.EntryFields.Field;
import io.ectowatch.connect.protocol.EntryFields.Kind;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.watch.ChangeLayout;
import io.ectowatch.connect.watch.WatchedTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the rows of one watched table as its triggers write them, see {@link ChangeLayout}. Immutable. */
public final class RowReader {

    /** A value of the array, with what decodes it if it is that of a column. */
    private record Slot(
            Kind kind, @Nullable Column column, @Nullable ColumnCodec codec) {

        static Slot of(Field<Column> field) {
            Column column = field.column();
            return new Slot(field.kind(), column, column == null ? null : ColumnCodec.of(column.kind()));
        }

        ColumnCodec decoder() {
            return Objects.requireNonNull(codec, "codec");
        }
    }

    /** Makes parsers for rows of any size. */
    public static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final Object[] NOTHING_BEFORE = {};

    private final WatchedTable table;
    private final Slot[] slots;
    /** The number of slots of a row whose extra columns were omitted. */
    private final int shortLength;

    private final int keyLength;
    private final int columns;
    private final int columnsBefore;

    public RowReader(WatchedTable table) {
        this.table = table;
        ChangeLayout entry = table.entry();
        keyLength = table.shape().key().size();
        columns = entry.carried().size();
        columnsBefore = entry.before().size();
        shortLength = entry.fields().shortLength();
        slots = entry.fields().all().stream().map(Slot::of).toArray(Slot[]::new);
    }

    /**
     * Reads the row at which the parser is.
     *
     * @param parser at the row's opening bracket; afterwards at its closing bracket
     * @param code the kind of change
     * @throws MalformedRowException if the row does not match the table, or is not JSON
     */
    public Row read(JsonParser parser, EventCode code) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw malformed("its row is a JSON " + parser.currentToken() + " instead of an array", null);
        }
        long statement = code.keyChange() ? number(parser, "the statement's number") : 0;
        long choice = 0;
        @Nullable List<String> changed = null;
        Object[] values = new Object[columns];
        Object[] before = new Object[columnsBefore];
        int found = 0;
        int foundBefore = 0;
        for (int i = 0; i < slots.length; i++) {
            Slot slot = slots[i];
            if (slot.kind() == Kind.WATCHERS) {
                choice = number(parser, "the watchers' number");
            } else if (next(parser, i) == JsonToken.END_ARRAY) {
                checkShortened(i);
                return new Row(
                        Arrays.copyOf(values, found),
                        true,
                        choice,
                        null,
                        Arrays.copyOf(before, foundBefore),
                        statement);
            } else if (slot.kind() == Kind.CHANGED) {
                changed = names(parser, slot);
            } else if (slot.kind() == Kind.PREVIOUS) {
                before[foundBefore++] = value(parser, slot);
            } else {
                values[found] = value(parser, slot);
                if (values[found] == null && found < keyLength) {
                    throw malformed(place(slot) + " is part of the key but null", null);
                }
                found++;
            }
        }
        if (next(parser, slots.length) != JsonToken.END_ARRAY) {
            throw malformed("its row has more values than the " + slots.length + " watched columns", null);
        }
        return new Row(values, false, choice, changed, before, statement);
    }

    /**
     * The row that consists only of this key.
     *
     * @throws MalformedRowException if the table's rows have other values than one integer, or a smaller integer
     */
    public Row ofKey(long key) throws MalformedRowException {
        if (slots.length != 1) {
            throw malformed("its row is a number instead of the values of " + slots.length + " watched columns", null);
        }
        try {
            return new Row(new Object[] {slots[0].decoder().ofInteger(key)}, false, 0, null, NOTHING_BEFORE, 0);
        } catch (IOException e) {
            throw malformed(place(slots[0]), e);
        }
    }

    private JsonToken next(JsonParser parser, int position) throws MalformedRowException {
        try {
            return parser.nextToken();
        } catch (IOException e) {
            throw malformed(position < slots.length ? place(slots[position]) : "after the last column", e);
        }
    }

    private long number(JsonParser parser, String what) throws MalformedRowException {
        try {
            if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
                return parser.getLongValue();
            }
        } catch (IOException e) {
            throw malformed(what, e);
        }
        throw malformed("found a JSON " + parser.currentToken() + " instead of " + what, null);
    }

    private @Nullable Object value(JsonParser parser, Slot slot) throws MalformedRowException {
        try {
            return slot.decoder().decode(parser);
        } catch (IOException e) {
            throw malformed(place(slot), e);
        }
    }

    /** The names at which the parser is, or null for JSON null. */
    private @Nullable List<String> names(JsonParser parser, Slot slot) throws MalformedRowException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        List<String> names = new ArrayList<>();
        try {
            if (parser.currentToken() == JsonToken.START_ARRAY) {
                while (parser.nextToken() == JsonToken.VALUE_STRING) {
                    names.add(parser.getText());
                }
            }
        } catch (IOException e) {
            throw malformed(place(slot), e);
        }
        if (parser.currentToken() != JsonToken.END_ARRAY) {
            throw malformed(place(slot) + ": expected an array of names", null);
        }
        return List.copyOf(names);
    }

    private void checkShortened(int length) throws MalformedRowException {
        if (length != shortLength) {
            throw malformed(
                    "its row has " + length + " values instead of the " + slots.length + " of the watched columns or"
                            + " the "
                            + shortLength + " of the key",
                    null);
        }
    }

    private static String place(Slot slot) {
        Column column = slot.column();
        return column == null ? "the changed columns" : "column \"" + column.name() + "\" (" + column.typeName() + ")";
    }

    private MalformedRowException malformed(String problem, @Nullable IOException cause) {
        return new MalformedRowException(
                table.shape().name(), cause == null ? problem : problem + detail(cause), cause);
    }

    private static String detail(IOException cause) {
        if (cause instanceof InputCoercionException) {
            return ": the number is out of range"; // Jackson's message contains the number
        }
        // Without Jackson's position, which refers to an internal buffer.
        return ": " + (cause instanceof JsonProcessingException json ? json.getOriginalMessage() : cause.getMessage());
    }
}
