package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.protocol.EventCode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowReaderTest {

    private static final TableName TABLE = new TableName("public", "users");
    private static final Column TENANT = Tables.column("tenant", ColumnKind.TEXT, "text");
    private static final Column ID = Tables.column("id", ColumnKind.INT64, "bigint");
    private static final Column EMAIL = Tables.column("email", ColumnKind.TEXT, "text");
    private static final Column AGE = Tables.column("age", ColumnKind.INT16, "smallint");

    private final RowReader reader =
            new RowReader(Tables.watched(TABLE, List.of(TENANT, ID), Tables.watcher(EMAIL), Tables.watcher(AGE)));

    @Test
    void aRowHasTheKeyAndThenEveryWatchersExtraColumns() throws IOException {
        Row row = read("[\"acme\", 7, \"a@b\", 41]");

        assertThat(row.values()).containsExactly("acme", 7L, "a@b", (short) 41);
        assertThat(row.extrasLeftOut()).isFalse();
    }

    @Test
    void anExtraColumnMayBeNull() throws IOException {
        assertThat(read("[\"acme\", 7, null, null]").values()).containsExactly("acme", 7L, null, null);
    }

    @Test
    void aRowOfTheKeyAloneSaysThatTheExtrasAreLeftOut() throws IOException {
        Row row = read("[\"acme\", 7]");

        assertThat(row.values()).containsExactly("acme", 7L);
        assertThat(row.extrasLeftOut()).isTrue();
    }

    @Test
    void whereNobodyWantsExtrasNothingIsLeftOut() throws IOException {
        RowReader keyOnly = new RowReader(Tables.watched(TABLE, List.of(ID), Tables.watcher()));

        assertThat(keyOnly.read(parser("[7]"), EventCode.INSERTED).extrasLeftOut())
                .isFalse();
    }

    @Test
    void theParserIsLeftAtTheEndOfTheRow() throws IOException {
        try (JsonParser parser = parser("[[\"acme\",7,\"a\",1],[\"acme\",8],[\"acme\",9,\"c\",3]]")) {
            parser.nextToken();
            assertThat(reader.read(parser, EventCode.INSERTED).values()).contains(7L);
            assertThat(parser.nextToken()).isEqualTo(JsonToken.START_ARRAY);
            assertThat(reader.read(parser, EventCode.INSERTED).values()).contains(8L);
            assertThat(parser.nextToken()).isEqualTo(JsonToken.START_ARRAY);
            assertThat(reader.read(parser, EventCode.INSERTED).values()).contains(9L);
            assertThat(parser.nextToken()).isEqualTo(JsonToken.END_ARRAY);
        }
    }

    @Test
    void theErrorForANumberOutOfRangeDoesNotShowIt() {
        assertThatThrownBy(() -> read("[\"acme\", 7, null, 41414141]"))
                .isInstanceOf(MalformedRowException.class)
                .hasMessageContaining("out of range")
                .hasMessageNotContaining("41414141");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // An object where the row should be
                "{}                        | its row is a JSON START_OBJECT instead of an array",
                // Numbers of values that are neither all nor the key's
                "[]                        | its row has 0 values instead of the 4 of the watched columns or the 2 of the key",
                "[\"acme\",7,\"a\"]        | its row has 3 values",
                "[\"acme\",7,\"a\",1,2]    | its row has more values than the 4 watched columns",
                // Values of another type, or of none
                "[\"acme\",\"7\",\"a\",1]  | column \"id\" (bigint): expected a JSON VALUE_NUMBER_INT, found VALUE_STRING",
                "[\"acme\",7.5,\"a\",1]    | column \"id\" (bigint): expected a JSON VALUE_NUMBER_INT",
                "[\"acme\",7,8,1]          | column \"email\" (text): expected a JSON VALUE_STRING",
                "[\"acme\",7,[\"a\"],1]    | column \"email\" (text): expected a JSON VALUE_STRING",
                "[\"acme\",7,\"a\",40000]  | column \"age\" (smallint): ",
                "[null,7,\"a\",1]          | column \"tenant\" (text) is part of the key but null",
                // Broken JSON
                "[\"acme\",7,\"a           | column \"email\" (text): ",
                "[\"acme\",7               | column \"email\" (text): ",
                "[\"acme\",7,oops          | column \"email\" (text): ",
            })
    void aRowThatDoesNotFitNamesTheTableAndTheColumn(String json, String problem) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(MalformedRowException.class)
                .hasMessageContaining("A change of table public.users cannot be read: " + problem);
    }

    private Row read(String json) throws IOException {
        try (JsonParser parser = parser(json)) {
            return reader.read(parser, EventCode.UPDATED);
        }
    }

    private static JsonParser parser(String json) throws IOException {
        JsonParser parser = new JsonFactory().createParser(json);
        parser.nextToken();
        return parser;
    }
}
