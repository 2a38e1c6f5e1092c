package io.ectowatch.connect.journal.read;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.ectowatch.connect.protocol.ChangeContext;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.record.Row;
import io.ectowatch.connect.record.RowReader;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Splits the body of a journal row into changes. Its entries are rows, JSON null for a change without a row, and key
 * runs: {@code {"from":1,"to":10000}} stands for that many rows that consist only of their key. Before the first entry there may be a
 * {@link ChangeContext}.
 */
public final class BodyReader implements Closeable {

    /** No valid run is nearly as long; a longer one would fill the memory. */
    private static final long MAX_RUN = 1L << 20;

    private static final String FROM = "from";
    private static final String TO = "to";

    private final JsonParser parser;
    private final RowReader rows;
    private final EventCode code;
    private @Nullable ChangeContext context;
    private boolean begun;
    private @Nullable Row row;
    private long key;
    /** How many keys of the current run remain. */
    private long keysLeft;

    public BodyReader(JsonFactory json, String body, RowReader rows, EventCode code) throws IOException {
        this.parser = json.createParser("[" + body + "]");
        this.rows = rows;
        this.code = code;
        parser.nextToken();
    }

    /**
     * Goes on to the next change.
     *
     * @return false at the end
     * @throws IOException if it cannot be read; what follows cannot be read either
     */
    public boolean next() throws IOException {
        if (keysLeft == 0) {
            JsonToken token = parser.nextToken();
            String name = token == JsonToken.START_OBJECT ? parser.nextFieldName() : null;
            if (token == JsonToken.START_OBJECT && !begun && ChangeContext.beginsWith(name)) {
                context = ChangeContext.read(name, parser);
                token = parser.nextToken();
                name = token == JsonToken.START_OBJECT ? parser.nextFieldName() : null;
            }
            begun = true;
            if (token == JsonToken.END_ARRAY) {
                return false;
            }
            if (token != JsonToken.START_OBJECT) {
                row = token == JsonToken.VALUE_NULL ? null : rows.read(parser, code);
                return true;
            }
            beginRun(name);
        }
        row = rows.ofKey(key);
        key++;
        keysLeft--;
        return true;
    }

    /** The event of all of its rows. */
    public EventCode code() {
        return code;
    }

    /** What the transaction says about the changes, null if nothing. */
    public @Nullable ChangeContext context() {
        return context;
    }

    /** The row of the current change, null if it has none. */
    public @Nullable Row row() {
        return row;
    }

    private void beginRun(@Nullable String first) throws IOException {
        long from = end(FROM, first);
        long to = end(TO, parser.nextFieldName());
        if (parser.nextToken() != JsonToken.END_OBJECT || to < from || to - from < 0 || to - from >= MAX_RUN) {
            throw new IOException("a key run has an invalid start or end");
        }
        key = from;
        keysLeft = to - from + 1;
    }

    private long end(String name, @Nullable String found) throws IOException {
        if (!name.equals(found)
                || parser.nextToken() != JsonToken.VALUE_NUMBER_INT
                || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw new IOException("a key run has no valid \"" + name + "\"");
        }
        return parser.getLongValue();
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
