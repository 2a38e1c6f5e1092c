package io.ectowatch.it;

import static org.awaitility.Awaitility.await;

import io.ectowatch.testkit.KafkaBroker;
import io.ectowatch.testkit.TopicReader;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/** Topics that a connector creates. Consumers must not subscribe before, because the broker would create the topic. */
record CreatedTopics(KafkaBroker kafka) {

    void awaitTopic(String topic) throws Exception {
        try (Admin admin = admin()) {
            await("topic " + topic)
                    .atMost(TopicReader.TIMEOUT)
                    .until(() -> admin.listTopics().names().get().contains(topic));
        }
    }

    String cleanupPolicy(String topic) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (Admin admin = admin()) {
            return admin.describeConfigs(List.of(resource))
                    .all()
                    .get()
                    .get(resource)
                    .get(TopicConfig.CLEANUP_POLICY_CONFIG)
                    .value();
        }
    }

    private Admin admin() {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()));
    }
}
