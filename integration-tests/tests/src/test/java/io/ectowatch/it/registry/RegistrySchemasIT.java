package io.ectowatch.it.registry;

import static io.ectowatch.it.registry.RegisteredTables.quoted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.it.StackExtension;
import io.ectowatch.it.registry.RegisteredRecords.Received;
import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.embedded.EmbeddedSchemaRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Schemas that change or differ, with a registry that accepts only schemas that are backward compatible. Needs the Maven profile
 * {@code registry}.
 */
@EnabledIfSystemProperty(named = "schema.registry", matches = ".+")
@ExtendWith({StackExtension.class, RegistryExtension.class})
class RegistrySchemasIT {

    private final Stack stack;
    private final ConnectRest rest;
    private final EmbeddedSchemaRegistry registry;
    private RegisteredTables tables;

    RegistrySchemasIT(Stack stack, EmbeddedSchemaRegistry registry) {
        this.stack = stack;
        this.rest = stack.connect().rest();
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

    @Test
    void aColumnOfAnotherTypeIsRefusedByTheRegistryAndFailsTheTask() throws Exception {
        watchGoodsOfOnePrice(RegistryFormat.AVRO);

        tables.execute("ALTER TABLE goods ALTER price TYPE text");

        AtomicInteger id = new AtomicInteger(1);
        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
            tables.execute("INSERT INTO goods VALUES (" + id.incrementAndGet() + ", 'ten')");
            assertThat(rest.status(tables.connector()).tasks())
                    .anySatisfy(task -> assertThat(task.trace()).contains("RuleViolationException"));
        });
    }

    /** Apicurio's converter for JSON registers schemas of the type KCONNECT, for which the registry has no rule of compatibility. */
    @Test
    void aColumnOfAnotherTypeIsNotRefusedInJsonAndReadersGetBothTypes() throws Exception {
        watchGoodsOfOnePrice(RegistryFormat.JSON);

        tables.execute("ALTER TABLE goods ALTER price TYPE text");

        AtomicInteger id = new AtomicInteger(1);
        try (RegisteredRecords records = tables.records(RegistryFormat.JSON, "goods")) {
            // A change that is made before the task knows the new type is published as a resync.
            await().atMost(Duration.ofMinutes(2)).until(() -> {
                tables.execute("INSERT INTO goods VALUES (" + id.incrementAndGet() + ", 'ten')");
                return records.find(received -> "ten".equals(price(received))) != null;
            });
            assertThat(records.find(received -> Integer.valueOf(10).equals(price(received))))
                    .isNotNull();
        }
        assertThat(rest.status(tables.connector()).tasks())
                .allSatisfy(task -> assertThat(task.state()).isEqualTo("RUNNING"));
        assertThat(tables.registered("goods", "meta")).contains("\"type\":\"KCONNECT\"");
    }

    private void watchGoodsOfOnePrice(RegistryFormat format) throws Exception {
        tables.execute("CREATE TABLE goods (id int PRIMARY KEY, price int)");
        tables.watch(tables.config(format, "goods", "price"), "goods");
        tables.execute("INSERT INTO goods VALUES (1, 10)");
        try (RegisteredRecords records = tables.records(format, "goods")) {
            assertThat(price(records.await(received -> hasId(received, 1)))).isEqualTo(10);
        }
    }

    private static Object price(Received record) {
        return record.hasEvent("inserted")
                ? record.valueStruct().getStruct("values").get("price")
                : null;
    }

    @ParameterizedTest
    @EnumSource
    void anExtraColumnCanBeAddedWhereThereWasNone(RegistryFormat format) throws Exception {
        tables.execute("CREATE TABLE parcels (id int PRIMARY KEY, \"weight in kg\" int)");
        Map<String, String> config = tables.config(format, "parcels");
        config.put("tombstones", "true");
        tables.watch(config, "parcels");
        tables.execute("INSERT INTO parcels VALUES (1, 10)", "DELETE FROM parcels");
        try (RegisteredRecords records = tables.records(format, "parcels")) {
            Received first = records.await(received -> hasId(received, 1));
            assertThat(first.valueStruct().getStruct("values")).isNull();
            Schema values = first.value().schema().field("values").schema();
            assertThat(values.fields()).isEmpty();
            assertThat(values.isOptional()).isTrue();
            Received tombstone = records.await(received -> received.value().value() == null);
            assertThat(tombstone.keyStruct().getInt32("id")).isEqualTo(1);

            rest.stop(tables.connector());
            rest.waitUntil(tables.connector(), "STOPPED");
            Map<String, String> more = tables.config(format, "parcels", quoted("weight in kg"));
            more.put("tombstones", "true");
            rest.putConnector(tables.connector(), more);
            rest.resume(tables.connector());
            rest.waitUntilRunning(tables.connector());
            tables.execute("INSERT INTO parcels VALUES (2, 20)");
            Struct second =
                    records.await(received -> hasId(received, 2)).valueStruct().getStruct("values");
            Struct read = second == null ? insertUntilItHasValues(records) : second;
            assertThat(read.getInt32(format.field("weight in kg"))).isEqualTo(20);
        }
        if (format == RegistryFormat.AVRO) {
            assertThat(tables.registered("parcels", "versions")).contains("\"count\":2");
        }
    }

    /** The triggers of the earlier configuration may still have made the change that was expected first. */
    private Struct insertUntilItHasValues(RegisteredRecords records) throws Exception {
        for (int id = 3; ; id++) {
            tables.execute("INSERT INTO parcels VALUES (" + id + ", 20)");
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
    void labelsDeletionsAndResyncsShareATopic(RegistryFormat format) throws Exception {
        tables.execute("CREATE TABLE users (id int PRIMARY KEY, name text)");
        Map<String, String> config = tables.config(format, "users");
        config.remove("tables");
        config.put("watchers", "people, staff");
        for (String label : List.of("people", "staff")) {
            String watcher = "watchers." + label + ".";
            config.put(watcher + "table", "users");
            config.put(watcher + "label", label);
            config.put(watcher + "topic", tables.topic("all"));
            config.put(watcher + "extra.columns", "name");
        }
        String connector = tables.connector();
        tables.watch(config, "users");
        tables.execute("INSERT INTO users VALUES (1, 'Ada')", "DELETE FROM users");
        try (RegisteredRecords records = tables.records(format, "all")) {
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
            tables.execute("ALTER TABLE users DISABLE TRIGGER ALL");
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
}
