package io.ectowatch.connect.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.WatchedTable;
import java.io.IOException;
import java.util.Arrays;

/**
 * Reads the rows of one watched table as its triggers send them: JSON arrays in the order of
 * {@link WatchedTable#carried()}. Immutable.
 */
public final class RowReader {

    private final WatchedTable table;
    private final Column[] columns;
    private final ColumnCodec[] codecs;
    private final int keyLength;

    public RowReader(WatchedTable table) {
        this.table = table;
        columns = table.carried().toArray(Column[]::new);
        codecs = new ColumnCodec[columns.length];
        for (int i = 0; i < columns.length; i++) {
            codecs[i] = ColumnCodec.of(columns[i].kind());
        }
        keyLength = table.shape().key().size();
    }

    /**
     * The row at which the parser stands.
     *
     * @param parser at the row's opening bracket; afterwards at its closing one
     * @return the values of {@link WatchedTable#carried()} as Connect holds them, or of the key alone where the row
     *     ends there: {@link #extrasLeftOut} tells which
     * @throws MalformedRowException when the row does not fit the table, or is no JSON
     */
    public Object[] read(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw malformed("its row is a JSON " + parser.currentToken() + ", not an array", null);
        }
        Object[] values = new Object[columns.length];
        for (int i = 0; i < values.length; i++) {
            if (next(parser, i) == JsonToken.END_ARRAY) {
                return shortened(values, i);
            }
            values[i] = value(parser, i);
        }
        if (next(parser, values.length) != JsonToken.END_ARRAY) {
            throw malformed("its row has more than the " + values.length + " values of the watched columns", null);
        }
        return values;
    }

    /** Whether a row that {@link #read} returned came without the extra columns that the table's watchers ask for. */
    public boolean extrasLeftOut(Object[] row) {
        return row.length < columns.length;
    }

    private JsonToken next(JsonParser parser, int position) throws MalformedRowException {
        try {
            return parser.nextToken();
        } catch (IOException e) {
            throw malformed(place(position), e);
        }
    }

    private Object value(JsonParser parser, int position) throws MalformedRowException {
        Object value;
        try {
            value = codecs[position].decode(parser);
        } catch (IOException e) {
            throw malformed(place(position), e);
        }
        if (value == null && position < keyLength) {
            throw malformed(place(position) + " is part of the key and null", null);
        }
        return value;
    }

    private Object[] shortened(Object[] values, int length) throws MalformedRowException {
        if (length != keyLength) {
            throw malformed(
                    "its row has " + length + " values, and not the " + columns.length
                            + " of the watched columns or the " + keyLength + " of the key",
                    null);
        }
        return Arrays.copyOf(values, length);
    }

    private String place(int position) {
        return position < columns.length
                ? "column \"" + columns[position].name() + "\" (" + columns[position].typeName() + ")"
                : "after the last column";
    }

    private MalformedRowException malformed(String problem, IOException cause) {
        return new MalformedRowException(
                table.shape().name(), cause == null ? problem : problem + detail(cause), cause);
    }

    private static String detail(IOException cause) {
        if (cause instanceof InputCoercionException) {
            return ": a number is out of its range"; // where Jackson would tell the number
        }
        // Without Jackson's position, which is one in an internal buffer.
        return ": " + (cause instanceof JsonProcessingException json ? json.getOriginalMessage() : cause.getMessage());
    }
}
