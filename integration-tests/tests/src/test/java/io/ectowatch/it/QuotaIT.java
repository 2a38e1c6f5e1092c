package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/** A quota that throttles the connector's producer. */
@ExtendWith(StackExtension.class)
@EnabledIfSystemProperty(named = "around.kafka", matches = "true", disabledReason = "the profile around-kafka runs it")
class QuotaIT {

    private static final int ROWS = 3000;

    /** In bytes a second. A record has more than 100 bytes. */
    private static final double QUOTA = 20_000;

    private final Stack stack;

    QuotaIT(Stack stack) {
        this.stack = stack;
    }

    @Test
    void aThrottledProducerDelaysTheChangesAndLosesNone() throws Exception {
        try (TestDatabase database = new TestDatabase(stack)) {
            database.execute("CREATE TABLE crates (id int PRIMARY KEY)");
            Map<String, String> config = database.watching("crates");
            config.put("topic.prefix", database.name());
            config.put("topic.format", "${prefix}.${table}");
            config.put("producer.override.client.id", database.name());
            config.put("producer.override.batch.size", "2000");
            limit(database.name(), QUOTA);
            database.createConnector("a", config);
            try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".crates")) {
                long start = System.nanoTime();
                database.execute("DO $$ BEGIN FOR i IN 1.." + ROWS
                        + " LOOP INSERT INTO crates VALUES (i); COMMIT; END LOOP; END $$");
                List<Integer> arrived = new ArrayList<>();
                while (!arrived.contains(ROWS)) {
                    reader.await(1)
                            .forEach(
                                    record -> arrived.add(record.key().get("id").asInt()));
                }
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                System.out.println("quota: " + ROWS + " records in " + took);

                assertThat(arrived)
                        .containsExactlyElementsOf(
                                IntStream.rangeClosed(1, ROWS).boxed().toList());
                // The broker averages over eleven seconds, so less than the first of them are free.
                assertThat(took).as("the producer was throttled").isGreaterThan(Duration.ofSeconds(4));
                assertThat(stack.connect()
                                .rest()
                                .status(database.connector("a"))
                                .allIn("RUNNING"))
                        .isTrue();
            } finally {
                limit(database.name(), null);
            }
        }
    }

    /** @param bytes a second, or null for no limit */
    private void limit(String clientId, Double bytes) throws Exception {
        try (Admin admin = Admin.create(
                Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, stack.kafka().bootstrapServers()))) {
            admin.alterClientQuotas(List.of(new ClientQuotaAlteration(
                            new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, clientId)),
                            List.of(new ClientQuotaAlteration.Op("producer_byte_rate", bytes)))))
                    .all()
                    .get();
        }
    }
}
