package io.ectowatch.testkit;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/** The status of a connector and its tasks. A state is {@code RUNNING}, {@code PAUSED}, {@code FAILED} and so on. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ConnectorStatus(String name, Part connector, List<Part> tasks) {

    /**
     * The connector, or one of its tasks.
     *
     * @param trace the stack trace if it has failed, else null
     * @param version the version of its plugin; null before Kafka Connect 4.1
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Part(
            int id, String state, @JsonProperty("worker_id") String workerId, String trace, String version) {}

    /** Whether the connector and all its tasks are in that state. Only a stopped connector has no tasks. */
    public boolean allIn(String state) {
        return connector.state().equals(state)
                && tasks.isEmpty() == state.equals("STOPPED")
                && tasks.stream().allMatch(task -> task.state().equals(state));
    }

    /** Whether the connector or a task has failed. */
    public boolean anyFailed() {
        return connector.state().equals("FAILED")
                || tasks.stream().anyMatch(task -> task.state().equals("FAILED"));
    }
}
