package io.ectowatch.benchmarks.control;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.source.SourceConnector;

/** The base of the control connectors: one task, which gets the connector's settings without validation. */
abstract class ControlConnector extends SourceConnector {

    private Map<String, String> settings;

    @Override
    public void start(Map<String, String> properties) {
        settings = properties;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return List.of(settings);
    }

    @Override
    public void stop() {}

    @Override
    public ConfigDef config() {
        return new ConfigDef();
    }

    @Override
    public String version() {
        return "control";
    }
}
