package io.ectowatch.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * A record read from Kafka, its JSON parsed.
 *
 * @param key null when the record has none
 * @param value null when the record has none
 * @param headers as text
 * @param receivedAt {@link System#nanoTime()} right after the poll that returned it
 */
public record ReceivedRecord(
        String topic, JsonNode key, JsonNode value, Map<String, String> headers, long receivedAt) {}
