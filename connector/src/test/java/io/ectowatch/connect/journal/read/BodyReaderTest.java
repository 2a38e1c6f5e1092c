package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.record.RowReader;
import io.ectowatch.connect.watch.WatchedTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BodyReaderTest {

    private static final Column NUMBER = new Column("id", ColumnKind.INT64, "bigint", false, false);
    private static final Column SMALL = new Column("id", ColumnKind.INT16, "smallint", false, false);
    private static final Column WORD = new Column("id", ColumnKind.TEXT, "text", false, false);

    @Test
    void rowsAndRunsComeInTheirOrder() throws IOException {
        assertThat(read("[7],{\"from\":-1,\"to\":1},[9],{\"from\":4,\"to\":4}", NUMBER))
                .containsExactly(7L, -1L, 0L, 1L, 9L, 4L);
    }

    @Test
    void aRunMayEndWhereItsTypeDoes() throws IOException {
        assertThat(read("{\"from\":9223372036854775806,\"to\":9223372036854775807}", NUMBER))
                .containsExactly(9223372036854775806L, 9223372036854775807L);
        assertThat(read("{\"from\":32766,\"to\":32767}", SMALL)).containsExactly((short) 32766, (short) 32767);
    }

    @Test
    void aChangeWithoutARowHasNone() throws IOException {
        assertThat(read("null", NUMBER)).hasSize(1).containsOnlyNulls();
    }

    @Test
    void whatComesBeforeAMistakeIsRead() throws IOException {
        try (BodyReader reader = reader("{\"from\":32767,\"to\":32768}", SMALL)) {
            assertThat(reader.next()).isTrue();
            assertThat(reader.row().values()).containsExactly((short) 32767);
            assertThatThrownBy(reader::next)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("public.items")
                    .hasMessageContaining("column \"id\" (smallint): the number is out of range")
                    .hasMessageNotContaining("3276");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"from\":2,\"to\":1}                        | invalid start or end",
                "{\"from\":1,\"to\":1048577}                  | invalid start or end",
                "{\"from\":-9223372036854775808,\"to\":9223372036854775807} | invalid start or end",
                "{\"from\":1,\"to\":2,\"by\":1}               | invalid start or end",
                "{\"from\":1}                                 | no valid \"to\"",
                "{}                                           | no valid \"from\"",
                "{\"to\":1,\"from\":1}                        | no valid \"from\"",
                "{\"from\":\"1\",\"to\":2}                    | no valid \"from\"",
                "{\"from\":1.5,\"to\":2}                      | no valid \"from\"",
                "{\"from\":9223372036854775808,\"to\":9223372036854775809} | no valid \"from\"",
            })
    void anInvalidRunIsRejected(String body, String problem) {
        assertThatThrownBy(() -> read(body, NUMBER))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void aRunIsRefusedWhereKeysAreNoIntegers() {
        assertThatThrownBy(() -> read("{\"from\":1,\"to\":2}", WORD))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("column \"id\" (text): found an unexpected integer");
    }

    @Test
    void aRunIsRefusedWhereRowsHaveMoreThanAKey() {
        assertThatThrownBy(() -> read("{\"from\":1,\"to\":2}", NUMBER, WORD))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("instead of the values of 2 watched columns");
    }

    private static List<Object> read(String body, Column... key) throws IOException {
        List<Object> values = new ArrayList<>();
        try (BodyReader reader = reader(body, key)) {
            while (reader.next()) {
                values.add(reader.row() == null ? null : reader.row().values()[0]);
            }
        }
        return values;
    }

    private static BodyReader reader(String body, Column... key) throws IOException {
        TableShape shape = new TableShape(
                1,
                new TableName("public", "items"),
                "postgres",
                List.of(key),
                List.of(key),
                TableShape.Triggers.STATEMENT);
        WatchedTable.TableWatcher watcher = new WatchedTable.TableWatcher(
                Set.of(Event.INSERTED), List.of(), null, Map.of(Event.INSERTED, "topic", Event.RESYNC, "resync"));
        RowReader rows = new RowReader(new WatchedTable(shape, List.of(watcher)));
        return new BodyReader(new JsonFactory(), body, rows, EventCode.INSERTED);
    }
}
