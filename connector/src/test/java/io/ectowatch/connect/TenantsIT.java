package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.Patience;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.wiring.Components;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A schema for each tenant, with the same tables: how they share topics, and how many of them there may be. */
class TenantsIT {

    private static final String TABLES = "tables=tenant_*.users";
    private static final String SHARED = "topic.format=${prefix}.${table}";

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void twoTenants() throws Exception {
        for (String tenant : List.of("tenant_1", "tenant_2")) {
            database.execute("CREATE SCHEMA " + tenant, "CREATE TABLE " + tenant + ".users (id int PRIMARY KEY)");
        }
    }

    @Test
    void rowsOfTenantsThatShareATopicHaveDifferentKeys() throws Exception {
        String[] settings = {TABLES, SHARED, "key.schema=true", "tombstones=true"};
        assertThat(Validation.errors(database, settings)).isEmpty();
        try (Watching watching = Watching.start(database, settings)) {
            database.execute("INSERT INTO tenant_1.users VALUES (7)", "INSERT INTO tenant_2.users VALUES (7)");
            watching.changes(all -> watching.published().contains("tenant_1.users inserted [7]")
                    && watching.published().contains("tenant_2.users inserted [7]"));

            ConnectorConfig config = Watching.config(database, settings);
            List<SourceRecord> records = new ArrayList<>();
            watching.received().forEach(change -> new RecordFactory(change.table(), Components.recordStyle(config))
                    .append(change, Map.of(), Map.of(), records));
            assertThat(records)
                    .extracting(record -> record.topic() + " " + record.key())
                    .contains(
                            "ectowatch.users Struct{schema=tenant_1,id=7}",
                            "ectowatch.users Struct{schema=tenant_2,id=7}");
        }
    }

    @Test
    void withoutTheSchemaInTheKeyASharedTopicIsRefused() {
        assertThat(Validation.errors(database, TABLES, SHARED))
                .hasEntrySatisfying("topic.format", message -> assertThat(message)
                        .contains("tenant_1.users", "tenant_2.users", "key.schema=true"));
    }

    @Test
    void moreTablesThanAllowedAreRefusedAndNamed() {
        assertThat(Validation.errors(database, TABLES, "tables.max=2")).doesNotContainKey("tables.max");
        assertThat(Validation.errors(database, TABLES, "tables.max=1"))
                .hasEntrySatisfying("tables.max", message -> assertThat(message)
                        .contains("The watchers match 2 tables, but tables.max allows 1. Not watched: tenant_2.users."
                                + " Make the patterns narrower, or raise tables.max."));
    }

    @Test
    void tablesThatAreCreatedBeyondTheLimitAreInTroubleAndTheOthersGoOn() throws Exception {
        try (Watching watching = Watching.start(
                database, TABLES, SHARED, "key.schema=true", "tables.max=2", "table.poll.interval.ms=1000")) {
            // It comes before the others in the order of the names.
            database.execute("CREATE SCHEMA tenant_0", "CREATE TABLE tenant_0.users (id int PRIMARY KEY)");
            watching.changes(all -> watching.metrics().tablesInTrouble() == 1);
            assertThat(watching.metrics().watchedTables()).isEqualTo(2);
            database.execute("INSERT INTO tenant_0.users VALUES (1)", "INSERT INTO tenant_2.users VALUES (1)");
            watching.changes(all -> watching.published().contains("tenant_2.users inserted [1]"));

            database.execute("DROP SCHEMA tenant_1 CASCADE");
            // Its triggers exist some time after it is out of trouble.
            AtomicInteger id = new AtomicInteger(1);
            await().atMost(Patience.LIMIT).until(() -> {
                database.execute("INSERT INTO tenant_0.users VALUES (" + id.incrementAndGet() + ")");
                watching.poll();
                return watching.published().stream().anyMatch(change -> change.startsWith("tenant_0.users inserted"));
            });
            assertThat(watching.published()).doesNotContain("tenant_0.users inserted [1]");
        }
    }
}
