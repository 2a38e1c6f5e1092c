package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.FieldNames;
import io.ectowatch.connect.config.HeaderMode;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaNameTest {

    @Test
    void plainNamesStayAsTheyAre() {
        assertThat(SchemaName.of("ectowatch", "public", "users", "Key")).isEqualTo("ectowatch.public.users.Key");
    }

    @ParameterizedTest
    @CsvSource({
        "order lines, order_lines",
        "order-lines, order_lines",
        "2024_orders, _2024_orders",
        "Größe, Gr__e",
        "a.b, a_b",
        "say \"hi\", say__hi_",
        "größe😀, gr__e_",
    })
    void whatAvroDoesNotTakeBecomesAnUnderscore(String table, String segment) {
        assertThat(SchemaName.of("p", "public", table, "Key")).isEqualTo("p.public." + segment + ".Key");
    }

    @Test
    void tablesWithSimilarNamesHaveSchemasOfTheirOwnWithTheNamesForAvro() {
        RecordStyle style = new RecordStyle("p", "shop", HeaderMode.NONE, false, false, FieldNames.AVRO, false, false);

        assertThat(style.schemaName("public", "a-b", "Change")).isEqualTo("p.public.a_u002db.Change");
        assertThat(style.schemaName("public", "a_b", "Change")).isEqualTo("p.public.a_b.Change");
        assertThat(style.schemaName("public", "a_u002db", "Change")).isEqualTo("p.public.a_u005fu002db.Change");
        assertThat(namesOf("a-b", style)).doesNotContainAnyElementsOf(namesOf("a_b", style));
    }

    /** The names of the schemas of key, value and extra columns. */
    private static List<String> namesOf(String table, RecordStyle style) {
        Column id = new Column("id", ColumnKind.INT64, "bigint", false, false);
        TableShape shape = new TableShape(
                1, new TableName("public", table), "postgres", List.of(id), List.of(id), TableShape.Triggers.STATEMENT);
        WatchedTable watched = new WatchedTable(
                shape,
                List.of(new WatchedTable.TableWatcher(
                        Set.of(Event.INSERTED),
                        List.of(),
                        null,
                        Map.of(Event.INSERTED, "topic", Event.RESYNC, "topic"))));
        List<SourceRecord> records = new ArrayList<>();
        new RecordFactory(watched, style)
                .append(
                        new Change(
                                watched,
                                Event.INSERTED,
                                "1.1",
                                1,
                                1,
                                new Row(new Object[] {1L}, false, 0, null, new Object[0], 0)),
                        Map.of(),
                        Map.of(),
                        records);
        org.apache.kafka.connect.data.Schema value = records.get(0).valueSchema();
        return List.of(
                records.get(0).keySchema().name(),
                value.name(),
                value.field("key").schema().name(),
                value.field("values").schema().name());
    }

    @Test
    void theDotsOfThePrefixSeparateSegments() {
        assertThat(SchemaName.of("my-shop.eu.1", "public", "users", "Key")).isEqualTo("my_shop.eu._1.public.users.Key");
    }

    @Test
    void aPrefixMayBeEmptyOrHaveEmptySegments() {
        assertThat(SchemaName.of("", "public", "users", "Key")).isEqualTo("public.users.Key");
        assertThat(SchemaName.of(".a..b.", "public", "users", "Key")).isEqualTo("a.b.public.users.Key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"users", "1", "", " ", "a.b", "..", "naïve", "表", "😀", "\"", "\\", "\n", "a-b", "$", "int"})
    void avroTakesEveryName(String name) {
        String fullName = SchemaName.of("shop." + name, name, name, name, "Change");
        String definition = """
                {"type": "record", "name": "%s", "fields": []}
                """.formatted(fullName);

        Schema parsed = new Schema.Parser(NameValidator.STRICT_VALIDATOR).parse(definition);

        assertThat(parsed.getFullName()).isEqualTo(fullName);
    }
}
