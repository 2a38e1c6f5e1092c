package io.ectowatch.testkit;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/** What a worker says of a connector and its tasks. States are {@code RUNNING}, {@code PAUSED}, {@code FAILED} and so on. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ConnectorStatus(String name, Part connector, List<Part> tasks) {

    /**
     * The connector, or one of its tasks.
     *
     * @param trace the stack trace when it has failed, else null
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Part(
            int id, String state, @JsonProperty("worker_id") String workerId, String trace) {}

    /** Whether the connector and every one of its tasks are in that state; a stopped one has no tasks, others have. */
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
