package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A connector whose objects a database administrator installs: from the printed SQL to the first record. */
@ExtendWith(StackExtension.class)
class InstallModeIT {

    private final Stack stack;

    InstallModeIT(Stack stack) {
        this.stack = stack;
    }

    @Test
    void aConnectorRunsWithTheSqlThatAValidationPrints() throws Exception {
        try (TestDatabase database = new TestDatabase(stack)) {
            database.execute("CREATE TABLE parcels (id int PRIMARY KEY)", "INSERT INTO parcels VALUES (1)");
            Map<String, String> config = database.watching("parcels");
            config.put("name", database.connector("printed"));
            config.put("topic.prefix", database.name());
            config.put("backfill", "new");
            config.put("install.mode", "print");

            String sql = stack.connect().rest().validatedValue(config, "install.sql");
            assertThat(sql)
                    .startsWith("-- EctoWatch for Kafka Connect ")
                    .contains(": the objects of connector " + config.get("name"))
                    .contains("CREATE OR REPLACE FUNCTION \"ectowatch\".\"" + config.get("name")
                            + ".public.parcels.read\"");
            config.put("install.mode", "verify");
            assertThat(stack.connect().rest().validate(config)).containsOnlyKeys("install.mode");

            database.execute(sql);
            assertThat(stack.connect().rest().validate(config)).isEmpty();
            database.createConnector("printed", config);
            String topic = database.name() + ".parcels.";
            try (TopicReader reader =
                    TopicReader.of(stack.kafka().bootstrapServers(), topic + "read", topic + "inserted")) {
                // Read by the function.
                assertThat(reader.await(1).get(0).key().get("id").asInt()).isEqualTo(1);
                database.execute("INSERT INTO parcels VALUES (7)");
                assertThat(reader.await(1).get(0).key().get("id").asInt()).isEqualTo(7);
            }
        }
    }
}
