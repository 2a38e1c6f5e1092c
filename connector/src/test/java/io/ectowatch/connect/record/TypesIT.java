package io.ectowatch.connect.record;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.record.TypeCase.Sample;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.watch.WatchedTable;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds {@code docs/types.md} to what a real server sends: every type there, value by value, read the way a trigger
 * reads it in a session whose output settings are as odd as can be.
 */
class TypesIT {

    private static final String TOPIC_PREFIX = "shop";

    @NewDatabase
    private static TestDatabase database;

    /** One for all tests: the hostile settings last no longer than a query. */
    @AutoClose
    private static Connection connection;

    private static List<TypeDoc> documented;

    @BeforeAll
    static void setUp() throws SQLException, IOException {
        documented = TypeDoc.read();
        connection = database.connect();
        database.execute(TypeCases.SETUP.toArray(String[]::new));
        QueryFunctions.create(database);
    }

    static Stream<TypeCase> cases() {
        int version = TestDatabase.serverVersion();
        return TypeCases.all().stream().filter(type -> version >= type.since());
    }

    @Test
    void everyDocumentedTypeIsTestedAndEveryTestedTypeIsDocumented() {
        Set<String> tested = new LinkedHashSet<>();
        TypeCases.all().forEach(type -> tested.add(type.documented()));

        assertThat(documented.stream().map(TypeDoc::type)).containsExactlyInAnyOrderElementsOf(tested);
    }

    @Test
    void everyTypeThatAColumnOfTheServerCanHaveIsDocumented() throws SQLException {
        // All but arrays, which have one row for all, and types that no table of a user has.
        String columnTypes = """
                SELECT pg_catalog.format_type(oid, NULL)
                  FROM pg_catalog.pg_type
                 WHERE typnamespace = 'pg_catalog'::regnamespace
                   AND typtype IN ('b', 'r', 'm')
                   AND typcategory NOT IN ('A', 'Z')
                   AND typname NOT IN ('gtsvector', 'aclitem', 'refcursor', 'pg_node_tree', 'pg_ndistinct',
                       'pg_dependencies', 'pg_mcv_list', 'pg_brin_bloom_summary', 'pg_brin_minmax_multi_summary')
                """;
        Map<String, String> aliases = Map.of(
                "character", "char",
                "character varying", "varchar",
                "timestamp without time zone", "timestamp",
                "timestamp with time zone", "timestamptz",
                "time without time zone", "time",
                "time with time zone", "timetz");

        assertThat(documented.stream().map(TypeDoc::type))
                .containsAll(column(columnTypes).stream()
                        .map(type -> aliases.getOrDefault(type, type))
                        .toList());
    }

    @Test
    void theWritersSettingsAreReallyHostile() throws SQLException {
        String query = """
                SELECT json_build_array('2024-02-29'::date::text, '1 year'::interval::text, '0.1'::float8 + 0.2,
                    '\\x00'::bytea::text, '2024-02-29 00:00+00'::timestamptz)::text
                """;

        assertThat(hostile(query))
                .containsExactly("[\"29.02.2024\", \"1-0\", 0.3, \"\\\\000\", \"2024-02-29T05:45:00+05:45\"]");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void anExtraColumnArrivesAsDocumented(TypeCase type) throws Exception {
        TestTable table = TestTable.create(connection, "n int PRIMARY KEY, v " + type.declared());
        table.insert(type.samples(), (n, sample) -> n + ", " + sample.sql());

        WatchedTable watched = table.watched(List.of("n"), List.of("v"));
        List<Object[]> rows = rows(table, watched);

        assertThat(watched.carried().get(1).kind()).satisfies(kind -> {
            Schema schema = ColumnCodec.of(kind).optional();
            assertThat(schema.type().name()).isEqualTo(connectType(type, schema));
        });
        assertThat(rows).hasSameSizeAs(type.samples());
        for (int n = 0; n < rows.size(); n++) {
            Object expected = type.samples().get(n).expected();
            assertThat(rows.get(n)).containsExactly(n, expected);
            SourceRecord record = record(watched, rows.get(n));
            assertThat(((Struct) record.value()).getStruct("values").get("v")).isEqualTo(expected);
            JsonRoundTrip.assertSurvives(record.valueSchema(), (Struct) record.value(), expected);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aColumnOfTheKeyArrivesAsDocumented(TypeCase type) throws Exception {
        TestTable table = TestTable.create(connection, "v " + type.declared());
        if (!table.addPrimaryKey("v")) {
            assertThat(documentation(type).key()).as("can be a key").isFalse();
            return;
        }
        assertThat(documentation(type).key()).as("can be a key").isTrue();

        table.insert(type.samples(), (n, sample) -> sample.sql());
        WatchedTable watched = table.watched(List.of("v"), List.of());
        List<Object[]> rows = rows(table, watched);

        assertThat(rows).hasSameSizeAs(type.samples());
        for (int n = 0; n < rows.size(); n++) {
            Object expected = type.samples().get(n).expected();
            assertThat(rows.get(n)).containsExactly(expected);
            SourceRecord record = record(watched, rows.get(n));
            assertThat(((Struct) record.key()).get("v")).isEqualTo(expected);
            assertThat(((Struct) record.value()).getStruct("key").get("v")).isEqualTo(expected);
            JsonRoundTrip.assertSurvives(record.keySchema(), (Struct) record.key(), expected);
            JsonRoundTrip.assertSurvives(record.valueSchema(), (Struct) record.value(), expected);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aNullArrivesAsNull(TypeCase type) throws Exception {
        TestTable table = TestTable.create(connection, "n int PRIMARY KEY, v " + type.declared());
        WatchedTable watched = table.watched(List.of("n"), List.of("v"));
        if (!watched.carried().get(1).nullable()) {
            return;
        }
        table.insert(List.of(new Sample("NULL", null)), (n, sample) -> n + ", " + sample.sql());

        List<Object[]> rows = rows(table, watched);

        assertThat(rows).hasSize(1);
        assertThat(rows.get(0)).containsExactly(0, null);
        SourceRecord record = record(watched, rows.get(0));
        assertThat(((Struct) record.value()).getStruct("values").get("v")).isNull();
        JsonRoundTrip.assertSurvives(record.valueSchema(), (Struct) record.value(), null);
    }

    @Test
    void namesOfAnyCharactersArriveAsTheyAre() throws Exception {
        List<String> names =
                List.of("quote \"", "it's", "back\\slash", "100%s", "größe 😀", "表", " ", "new\nline", "Id");
        String columns = names.stream()
                .map(name -> TestTable.quoted(name) + " int NOT NULL")
                .collect(joining(", "));
        TestTable table = TestTable.create(connection, "odd \"table\" 'ü😀'", columns);
        table.addPrimaryKey(TestTable.quoted(names.get(0)));
        table.insert(List.of(new Sample("", null)), (n, sample) -> "0, 1, 2, 3, 4, 5, 6, 7, 8");

        WatchedTable watched = table.watched(names.subList(0, 1), names.subList(1, names.size()));
        SourceRecord record = record(watched, rows(table, watched).get(0));

        Struct value = (Struct) record.value();
        for (int i = 1; i < names.size(); i++) {
            assertThat(value.getStruct("values").get(names.get(i))).isEqualTo(i);
        }
        assertThat(value.getString("table")).isEqualTo("odd \"table\" 'ü😀'");
        assertThat(record.valueSchema().name()).isEqualTo("shop.public.odd__table______.Change");
        JsonRoundTrip.assertSurvives(record.keySchema(), (Struct) record.key(), null);
        JsonRoundTrip.assertSurvives(record.valueSchema(), value, null);
    }

    /** The rows as a trigger would send them, read as the task would read them. */
    private static List<Object[]> rows(TestTable table, WatchedTable watched) throws SQLException, IOException {
        List<Column> carried = watched.carried();
        String values = carried.stream()
                .map(column -> column.expression("r." + TestTable.quoted(column.name())))
                .collect(joining(", "));
        String query = "SELECT pg_catalog.json_build_array(" + values + ")::text FROM " + table.reference()
                + " r ORDER BY r.ctid";
        boolean pinned = carried.stream().anyMatch(column -> column.kind().needsPinnedSettings());
        RowReader reader = new RowReader(watched);
        List<Object[]> rows = new ArrayList<>();
        for (String json : hostile(pinned ? "SELECT * FROM pinned('" + query.replace("'", "''") + "')" : query)) {
            try (JsonParser parser = new JsonFactory().createParser(json)) {
                parser.nextToken();
                rows.add(reader.read(parser, EventCode.UPDATED).values());
            }
        }
        return rows;
    }

    private static List<String> hostile(String query) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM hostile(?)")) {
            statement.setString(1, query);
            return column(statement);
        }
    }

    private static List<String> column(String query) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            return column(statement);
        }
    }

    private static List<String> column(PreparedStatement statement) throws SQLException {
        List<String> values = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }

    private static SourceRecord record(WatchedTable watched, Object[] row) {
        List<SourceRecord> records = new ArrayList<>();
        Change change = new Change(watched, Event.UPDATED, "771.42.0", 771, 1_700_000_000_000L, row, false);
        new RecordFactory(watched, TOPIC_PREFIX).append(change, Map.of(), Map.of(), records);
        return records.get(0);
    }

    private static TypeDoc documentation(TypeCase type) {
        return documented.stream()
                .filter(doc -> doc.type().equals(type.documented()))
                .findFirst()
                .orElseThrow();
    }

    private static String connectType(TypeCase type, Schema ofBaseType) {
        String connectType = documentation(type).connectType();
        return connectType.equals("as its base type") ? ofBaseType.type().name() : connectType;
    }
}
