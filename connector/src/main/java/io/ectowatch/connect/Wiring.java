package io.ectowatch.connect;

import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.install.ObjectNames;
import io.ectowatch.connect.install.Preparation;
import io.ectowatch.connect.postgres.ConnectionSettings;
import io.ectowatch.connect.postgres.Connections;
import org.apache.kafka.common.config.types.Password;

/** Hands each room its part of the configuration. */
final class Wiring {

    private Wiring() {}

    static ConnectionSettings connectionSettings(ConnectorConfig config) {
        return new ConnectionSettings(
                config.connection().url(),
                config.connection().user().orElse(null),
                config.connection().password().map(Password::value).orElse(null),
                config.connection().properties(),
                config.connection().timeoutMs(),
                "ectowatch " + config.name());
    }

    static Connections connections(ConnectorConfig config) {
        return new Connections(connectionSettings(config));
    }

    static Preparation preparation(ConnectorConfig config) {
        return new Preparation(
                new ObjectNames(config.name(), config.delivery().schema()),
                config.watchers(),
                config.topicFormat(),
                config.delivery().ddlLockTimeoutMs());
    }
}
