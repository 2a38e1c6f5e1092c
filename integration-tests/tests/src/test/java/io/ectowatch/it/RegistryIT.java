package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.it.RegisteredRecords.Received;
import io.ectowatch.it.TypeSamples.Sample;
import io.ectowatch.testkit.BuildDirectory;
import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.InstalledTriggers;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.embedded.EmbeddedSchemaRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.storage.Converter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Records that a real worker writes with Apicurio's converters, with a real registry that accepts only schemas that are
 * backward compatible. Needs the Maven profile {@code registry}.
 */
@EnabledIfSystemProperty(named = "schema.registry", matches = ".+")
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistryIT {

    enum Format {
        AVRO("io.apicurio.registry.utils.converter.AvroConverter", "avro"),
        JSON("io.apicurio.registry.utils.converter.ExtJsonConverter", "exact");

        private final String converter;
        private final String fieldNames;

        Format(String converter, String fieldNames) {
            this.converter = converter;
            this.fieldNames = fieldNames;
        }

        private String field(String column) {
            return this == JSON || column.matches("\\w+")
                    ? column
                    : Pattern.compile("\\W").matcher(column).replaceAll(match -> "_u%04x"
                            .formatted((int) match.group().charAt(0)));
        }
    }

    private final Stack stack;
    private final ConnectRest rest;
    private EmbeddedSchemaRegistry registry;
    private TestDatabase database;

    RegistryIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @BeforeAll
    void startARegistryThatChecksSchemas(@TempDir Path directory) throws Exception {
        registry = new EmbeddedSchemaRegistry(Path.of(System.getProperty("schema.registry")), directory);
        registry.requireCompatibility("BACKWARD");
    }

    @AfterAll
    void stopTheRegistry() {
        if (registry != null) {
            registry.close();
        }
    }

    @BeforeEach
    void createDatabase() throws Exception {
        database = new TestDatabase(stack);
    }

    @AfterEach
    void deleteConnectors() {
        database.close();
    }

    @ParameterizedTest
    @EnumSource
    void aValueOfEachDocumentedTypeIsReadAsItWasWritten(Format format) throws Exception {
        Map<String, Sample> samples = TypeSamples.all();
        Map<String, String> documented = documentedTypes();
        assertThat(samples.keySet()).containsExactlyInAnyOrderElementsOf(documented.keySet());
        database.execute(TypeSamples.SETUP);
        List<String> columns = new ArrayList<>();
        List<String> values = new ArrayList<>();
        samples.forEach((type, sample) -> {
            columns.add(quoted(type) + " " + sample.declared());
            values.add("'" + sample.sql().replace("'", "''") + "'");
        });
        database.execute("CREATE TABLE samples (\"the id\" int PRIMARY KEY, " + String.join(", ", columns) + ")");
        Map<String, String> config = config(format, "samples");
        watch(
                config,
                "samples",
                samples.keySet().stream().map(RegistryIT::quoted).collect(Collectors.joining(", ")));
        rest.putConnector(database.connector("a"), config);
        rest.waitUntilRunning(database.connector("a"));
        InstalledTriggers.await(stack.postgres(), database.name(), database.connector("a"), List.of("samples"));
        database.execute("INSERT INTO samples VALUES (1, " + String.join(", ", values) + ")");

        try (RegisteredRecords records = records(format, "samples")) {
            Received record = records.await(received -> received.hasEvent("inserted"));
            assertThat(record.keyStruct().getInt32(format.field("the id"))).isEqualTo(1);
            assertThat(record.valueStruct().getStruct("key").getInt32(format.field("the id")))
                    .isEqualTo(1);
            Struct extras = record.valueStruct().getStruct("values");
            samples.forEach((type, sample) -> {
                Field field = extras.schema().field(format.field(type));
                assertThat(field).as(type).isNotNull();
                assertThat(field.schema().type().name()).as(type).isEqualTo(documented.get(type));
                Object value = extras.get(field);
                assertThat(value instanceof ByteBuffer bytes ? bytes.array() : value)
                        .as(type)
                        .isEqualTo(sample.expected());
            });
        }
    }

    /** Those that can be in a primary key, in tables of some key columns each. */
    @ParameterizedTest
    @EnumSource
    void aKeyOfEachTypeIsReadAsItWasWritten(Format format) throws Exception {
        database.execute(TypeSamples.SETUP);
        Map<String, Map<String, Sample>> tables = new LinkedHashMap<>();
        for (Map.Entry<String, Sample> type : TypeSamples.all().entrySet()) {
            if (canBeInAKey(type.getValue())) {
                String table =
                        "keys" + tables.values().stream().mapToInt(Map::size).sum() / 12;
                tables.computeIfAbsent(table, any -> new LinkedHashMap<>()).put(type.getKey(), type.getValue());
            }
        }
        assertThat(tables).hasSizeGreaterThan(2);
        for (Map.Entry<String, Map<String, Sample>> table : tables.entrySet()) {
            database.execute("CREATE TABLE " + table.getKey() + " ("
                    + table.getValue().entrySet().stream()
                            .map(column -> quoted(column.getKey()) + " "
                                    + column.getValue().declared())
                            .collect(Collectors.joining(", "))
                    + ", PRIMARY KEY ("
                    + table.getValue().keySet().stream().map(RegistryIT::quoted).collect(Collectors.joining(", "))
                    + "))");
        }
        database.createConnector("a", config(format, String.join(", ", tables.keySet())));
        for (Map.Entry<String, Map<String, Sample>> table : tables.entrySet()) {
            database.execute("INSERT INTO " + table.getKey() + " VALUES ("
                    + table.getValue().values().stream()
                            .map(sample -> "'" + sample.sql().replace("'", "''") + "'")
                            .collect(Collectors.joining(", "))
                    + ")");
            try (RegisteredRecords records = records(format, table.getKey())) {
                Received record = records.await(received -> received.hasEvent("inserted"));
                for (Struct key :
                        List.of(record.keyStruct(), record.valueStruct().getStruct("key"))) {
                    table.getValue().forEach((type, sample) -> {
                        Object value = key.get(format.field(type));
                        assertThat(value instanceof ByteBuffer bytes ? bytes.array() : value)
                                .as(type)
                                .isEqualTo(sample.expected());
                    });
                }
            }
        }
    }

    private boolean canBeInAKey(Sample sample) throws Exception {
        try {
            database.execute("CREATE TEMPORARY TABLE tried (k " + sample.declared() + " PRIMARY KEY)");
            return true;
        } catch (SQLException e) {
            assertThat(e.getMessage()).contains("operator class");
            return false;
        }
    }

    @Test
    void aColumnOfAnotherTypeIsRefusedByTheRegistryAndFailsTheTask() throws Exception {
        database.execute("CREATE TABLE goods (id int PRIMARY KEY, price int)");
        Map<String, String> config = config(Format.AVRO, "goods");
        watch(config, "goods", "price");
        String connector = database.connector("a");
        rest.putConnector(connector, config);
        rest.waitUntilRunning(connector);
        InstalledTriggers.await(stack.postgres(), database.name(), connector, List.of("goods"));
        database.execute("INSERT INTO goods VALUES (1, 10)");
        try (RegisteredRecords records = records(Format.AVRO, "goods")) {
            records.await(received -> hasId(received, 1));
        }

        database.execute("ALTER TABLE goods ALTER price TYPE text");

        AtomicInteger id = new AtomicInteger(1);
        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
            database.execute("INSERT INTO goods VALUES (" + id.incrementAndGet() + ", 'ten')");
            assertThat(rest.status(connector).tasks())
                    .anySatisfy(task -> assertThat(task.trace()).contains("RuleViolationException"));
        });
    }

    @ParameterizedTest
    @EnumSource
    void anExtraColumnCanBeAddedWhereThereWasNone(Format format) throws Exception {
        database.execute("CREATE TABLE parcels (id int PRIMARY KEY, \"weight in kg\" int)");
        database.createConnector("a", config(format, "parcels"));
        database.execute("INSERT INTO parcels VALUES (1, 10)", "DELETE FROM parcels");
        try (RegisteredRecords records = records(format, "parcels")) {
            Received first = records.await(received -> hasId(received, 1));
            assertThat(first.valueStruct().getStruct("values")).isNull();
            Schema values = first.value().schema().field("values").schema();
            assertThat(values.fields()).isEmpty();
            assertThat(values.isOptional()).isTrue();
            Received tombstone = records.await(received -> received.value().value() == null);
            assertThat(tombstone.keyStruct().getInt32("id")).isEqualTo(1);

            rest.stop(database.connector("a"));
            rest.waitUntil(database.connector("a"), "STOPPED");
            Map<String, String> more = config(format, "parcels");
            watch(more, "parcels", quoted("weight in kg"));
            rest.putConnector(database.connector("a"), more);
            rest.resume(database.connector("a"));
            rest.waitUntilRunning(database.connector("a"));
            database.execute("INSERT INTO parcels VALUES (2, 20)");
            Struct second =
                    records.await(received -> hasId(received, 2)).valueStruct().getStruct("values");
            Struct read = second == null ? insertUntilItHasValues(records) : second;
            assertThat(read.getInt32(format.field("weight in kg"))).isEqualTo(20);
        }
        if (format == Format.AVRO) {
            assertThat(registry.get("/groups/default/artifacts/" + topic("parcels") + "-value/versions"))
                    .contains("\"count\":2");
        }
    }

    /** The triggers of the earlier configuration may still have made the change that was expected first. */
    private Struct insertUntilItHasValues(RegisteredRecords records) throws Exception {
        for (int id = 3; ; id++) {
            database.execute("INSERT INTO parcels VALUES (" + id + ", 20)");
            int inserted = id;
            Struct values = records.await(received -> hasId(received, inserted))
                    .valueStruct()
                    .getStruct("values");
            if (values != null) {
                return values;
            }
        }
    }

    /** Each label has its own schema. For the registry, they are compatible versions of one: only the namespaces differ. */
    @ParameterizedTest
    @EnumSource
    void labelsDeletionsAndResyncsShareATopic(Format format) throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, name text)");
        Map<String, String> config = config(format, "users");
        config.remove("tables");
        config.put("watchers", "people, staff");
        for (String label : List.of("people", "staff")) {
            String watcher = "watchers." + label + ".";
            config.put(watcher + "table", "users");
            config.put(watcher + "label", label);
            config.put(watcher + "topic", topic("all"));
            config.put(watcher + "extra.columns", "name");
        }
        String connector = database.connector("a");
        rest.putConnector(connector, config);
        rest.waitUntilRunning(connector);
        InstalledTriggers.await(stack.postgres(), database.name(), connector, List.of("users"));
        database.execute("INSERT INTO users VALUES (1, 'Ada')", "DELETE FROM users");
        try (RegisteredRecords records = records(format, "all")) {
            for (String label : List.of("people", "staff")) {
                Received inserted = records.await(received -> isOf(received, "inserted", label));
                assertThat(inserted.keyStruct().getInt32("id")).isEqualTo(1);
                assertThat(inserted.valueStruct().getStruct("values").getString("name"))
                        .isEqualTo("Ada");
                records.await(received -> isOf(received, "deleted", label));
            }
            await().until(() -> !rest.offsets(connector).get("offsets").isEmpty());

            rest.stop(connector);
            rest.waitUntil(connector, "STOPPED");
            database.execute("ALTER TABLE users DISABLE TRIGGER ALL");
            rest.resume(connector);
            for (String label : List.of("people", "staff")) {
                Received resync = records.await(received -> isOf(received, "resync", label));
                assertThat(resync.key().value()).isNull();
                assertThat(resync.valueStruct().getStruct("key")).isNull();
                assertThat(resync.valueStruct().getStruct("values")).isNull();
            }
        }
    }

    private static boolean isOf(Received record, String event, String label) {
        return record.hasEvent(event) && label.equals(record.valueStruct().getString("label"));
    }

    private boolean hasId(Received record, int id) {
        return record.hasEvent("inserted") && record.keyStruct().getInt32("id") == id;
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** The Connect type of each type in the table of the documentation. */
    private static Map<String, String> documentedTypes() throws Exception {
        Map<String, String> types = new LinkedHashMap<>();
        Path page = new BuildDirectory().repository().resolve("connector/docs/types.md");
        for (String line : Files.readAllLines(page)) {
            if (line.matches("\\| `.*")) {
                String[] cells = line.split(" \\| ");
                String type = cells[1].equals("as its base type") ? "INT32" : cells[1];
                Pattern.compile("`([^`]+)`")
                        .matcher(cells[0])
                        .results()
                        .map((MatchResult found) -> found.group(1))
                        .forEach(name -> types.put(name, type));
            }
        }
        return types;
    }

    private String topic(String table) {
        return database.name() + "." + table;
    }

    private Map<String, String> config(Format format, String table) {
        Map<String, String> config = database.watching(table);
        config.put("topic.prefix", database.name());
        config.put("topic.format", "${prefix}.${table}");
        config.put("tombstones", Boolean.toString(table.equals("parcels")));
        config.put("field.names", format.fieldNames);
        for (String part : List.of("key", "value")) {
            config.put(part + ".converter", format.converter);
            settings().forEach((name, value) -> config.put(part + ".converter." + name, value));
        }
        return config;
    }

    private static void watch(Map<String, String> config, String table, String extraColumns) {
        config.remove("tables");
        config.put("watchers", "all");
        config.put("watchers.all.table", table);
        config.put("watchers.all.extra.columns", extraColumns);
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("apicurio.registry.url", registry.url());
        settings.put("apicurio.registry.auto-register", "true");
        return settings;
    }

    private RegisteredRecords records(Format format, String table) throws Exception {
        return new RegisteredRecords(
                stack.kafka().bootstrapServers(), topic(table), converter(format, true), converter(format, false));
    }

    private Converter converter(Format format, boolean isKey) throws Exception {
        Converter converter = (Converter)
                Class.forName(format.converter).getDeclaredConstructor().newInstance();
        converter.configure(settings(), isKey);
        return converter;
    }
}
