package io.ectowatch.connect.journal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.ectowatch.connect.record.EventCode;
import io.ectowatch.connect.record.Row;
import io.ectowatch.connect.record.RowReader;
import java.io.Closeable;
import java.io.IOException;

/**
 * Takes the body of a journal row apart, one change after the other. Its entries are rows, JSON's null where a change has
 * none, and runs of keys: {@code {"from":1,"to":10000}} is as many rows that have nothing but their key.
 */
final class BodyReader implements Closeable {

    /** No run is nearly as long; a longer one would be a mistake that fills the memory. */
    private static final long MAX_RUN = 1L << 20;

    private final JsonParser parser;
    private final RowReader rows;
    private final EventCode code;
    private Row row;
    private long key;
    /** How many keys of the present run are still to come. */
    private long keysLeft;

    BodyReader(JsonFactory json, String body, RowReader rows, EventCode code) throws IOException {
        this.parser = json.createParser("[" + body + "]");
        this.rows = rows;
        this.code = code;
        parser.nextToken();
    }

    /**
     * Goes on to the next change.
     *
     * @return false when there is none
     * @throws IOException when it cannot be read; what comes behind it cannot either
     */
    boolean next() throws IOException {
        if (keysLeft == 0) {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.END_ARRAY) {
                return false;
            }
            if (token != JsonToken.START_OBJECT) {
                row = token == JsonToken.VALUE_NULL ? null : rows.read(parser, code);
                return true;
            }
            beginRun();
        }
        row = rows.ofKey(key);
        key++;
        keysLeft--;
        return true;
    }

    /** What has happened to all of its rows. */
    EventCode code() {
        return code;
    }

    /** The row of the present change, null where it has none. */
    Row row() {
        return row;
    }

    private void beginRun() throws IOException {
        long from = end("from");
        long to = end("to");
        if (parser.nextToken() != JsonToken.END_OBJECT || to < from || to - from < 0 || to - from >= MAX_RUN) {
            throw new IOException("a run of keys has ends that are none");
        }
        key = from;
        keysLeft = to - from + 1;
    }

    private long end(String name) throws IOException {
        if (!name.equals(parser.nextFieldName())
                || parser.nextToken() != JsonToken.VALUE_NUMBER_INT
                || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw new IOException("a run of keys has no \"" + name + "\" that is one");
        }
        return parser.getLongValue();
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
