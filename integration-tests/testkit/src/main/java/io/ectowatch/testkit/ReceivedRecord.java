package io.ectowatch.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * A record that was read from Kafka, with parsed JSON.
 *
 * @param key null if the record has no key
 * @param value null if the record has no value
 * @param headers the values as text
 * @param receivedAt {@link System#nanoTime()} right after the poll that returned it
 */
public record ReceivedRecord(
        String topic, JsonNode key, JsonNode value, Map<String, String> headers, long receivedAt) {}
