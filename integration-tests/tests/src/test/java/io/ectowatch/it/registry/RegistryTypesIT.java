package io.ectowatch.it.registry;

import static io.ectowatch.it.registry.RegisteredTables.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.it.StackExtension;
import io.ectowatch.it.registry.RegisteredRecords.Received;
import io.ectowatch.it.registry.TypeSamples.Sample;
import io.ectowatch.testkit.BuildDirectory;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.embedded.EmbeddedSchemaRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Values and keys of each type, written by a real worker with Apicurio's converters, and read as a sink connector would. Needs
 * the Maven profile {@code registry}.
 */
@EnabledIfSystemProperty(named = "schema.registry", matches = ".+")
@ExtendWith({StackExtension.class, RegistryExtension.class})
class RegistryTypesIT {

    private final Stack stack;
    private final EmbeddedSchemaRegistry registry;
    private RegisteredTables tables;

    RegistryTypesIT(Stack stack, EmbeddedSchemaRegistry registry) {
        this.stack = stack;
        this.registry = registry;
    }

    @BeforeEach
    void createDatabase() throws Exception {
        tables = new RegisteredTables(stack, registry);
    }

    @AfterEach
    void deleteConnectors() {
        tables.close();
    }

    @ParameterizedTest
    @EnumSource
    void aValueOfEachDocumentedTypeIsReadAsItWasWritten(RegistryFormat format) throws Exception {
        Map<String, Sample> samples = TypeSamples.all();
        Map<String, String> documented = documentedTypes();
        assertThat(samples.keySet()).containsExactlyInAnyOrderElementsOf(documented.keySet());
        tables.execute(TypeSamples.SETUP);
        List<String> columns = new ArrayList<>();
        List<String> values = new ArrayList<>();
        samples.forEach((type, sample) -> {
            columns.add(quoted(type) + " " + sample.declared());
            values.add("'" + sample.sql().replace("'", "''") + "'");
        });
        tables.execute("CREATE TABLE samples (\"the id\" int PRIMARY KEY, " + String.join(", ", columns) + ")");
        String all = samples.keySet().stream().map(RegisteredTables::quoted).collect(Collectors.joining(", "));
        tables.watch(tables.config(format, "samples", all), "samples");
        tables.execute("INSERT INTO samples VALUES (1, " + String.join(", ", values) + ")");

        try (RegisteredRecords records = tables.records(format, "samples")) {
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
    void aKeyOfEachTypeIsReadAsItWasWritten(RegistryFormat format) throws Exception {
        tables.execute(TypeSamples.SETUP);
        Map<String, Map<String, Sample>> keys = new LinkedHashMap<>();
        for (Map.Entry<String, Sample> type : TypeSamples.all().entrySet()) {
            if (canBeInAKey(type.getValue())) {
                String table =
                        "keys" + keys.values().stream().mapToInt(Map::size).sum() / 12;
                keys.computeIfAbsent(table, any -> new LinkedHashMap<>()).put(type.getKey(), type.getValue());
            }
        }
        assertThat(keys).hasSizeGreaterThan(2);
        for (Map.Entry<String, Map<String, Sample>> table : keys.entrySet()) {
            tables.execute("CREATE TABLE " + table.getKey() + " ("
                    + table.getValue().entrySet().stream()
                            .map(column -> quoted(column.getKey()) + " "
                                    + column.getValue().declared())
                            .collect(Collectors.joining(", "))
                    + ", PRIMARY KEY ("
                    + table.getValue().keySet().stream()
                            .map(RegisteredTables::quoted)
                            .collect(Collectors.joining(", "))
                    + "))");
        }
        tables.watch(
                tables.config(format, String.join(", ", keys.keySet())),
                keys.keySet().toArray(String[]::new));
        for (Map.Entry<String, Map<String, Sample>> table : keys.entrySet()) {
            tables.execute("INSERT INTO " + table.getKey() + " VALUES ("
                    + table.getValue().values().stream()
                            .map(sample -> "'" + sample.sql().replace("'", "''") + "'")
                            .collect(Collectors.joining(", "))
                    + ")");
            try (RegisteredRecords records = tables.records(format, table.getKey())) {
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
            tables.execute("CREATE TEMPORARY TABLE tried (k " + sample.declared() + " PRIMARY KEY)");
            return true;
        } catch (SQLException e) {
            assertThat(e.getMessage()).contains("operator class");
            return false;
        }
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
}
