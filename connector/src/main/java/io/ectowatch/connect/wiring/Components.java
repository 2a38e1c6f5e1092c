package io.ectowatch.connect.wiring;

import io.ectowatch.connect.backfill.Backfill.Cause;
import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.install.objects.JournalSettings;
import io.ectowatch.connect.install.plan.InstallOptions;
import io.ectowatch.connect.journal.JournalSource;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.notify.NotifySource;
import io.ectowatch.connect.postgres.ConnectionSettings;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.record.ChangeSource;
import io.ectowatch.connect.record.RecordStyle;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.jspecify.annotations.Nullable;

/** Passes each component its part of the configuration. */
public final class Components {

    private Components() {}

    public static ConnectionSettings connectionSettings(ConnectorConfig config) {
        return new ConnectionSettings(
                config.connection().url(),
                config.connection().user().orElse(null),
                config.connection().password().map(Password::value).orElse(null),
                config.connection().role().orElse(null),
                config.connection().properties(),
                config.connection().timeoutMs(),
                "ectowatch " + config.name());
    }

    public static Connections connections(ConnectorConfig config) {
        return new Connections(connectionSettings(config));
    }

    public static Provisioner provisioner(ConnectorConfig config) {
        return new Provisioner(
                new ObjectNames(config.name(), config.delivery().schema()),
                config.watchers(),
                config.tablesMax(),
                config.topicFormat(),
                config.delivery().mode() == DeliveryMode.DURABLE
                        ? Optional.of(new JournalSettings(
                                config.journal().maxBytes(), config.journal().bell()))
                        : Optional.empty(),
                config.delivery().tablePollMs(),
                new InstallOptions(
                        config.install().mode(),
                        config.install().muteAllowed(),
                        config.install().cleanup(),
                        config.delivery().ddlLockTimeoutMs(),
                        config.delivery().onTableError(),
                        config.delivery().mode() == DeliveryMode.DURABLE
                                && config.install().mode() != InstallMode.APPLY
                                && !backfills(config).isEmpty(),
                        config.context().allowed(),
                        config.context().actor()));
    }

    public static RecordStyle recordStyle(ConnectorConfig config) {
        return new RecordStyle(
                config.topicFormat().prefix(),
                config.name(),
                config.records().headers(),
                config.records().tombstones(),
                config.records().schemaInKey(),
                config.records().fieldNames(),
                config.records().lsnInHeader(),
                config.records().lsnInValue());
    }

    /** When backfills are started without a call. */
    public static Set<Cause> backfills(ConnectorConfig config) {
        Set<Cause> causes = EnumSet.noneOf(Cause.class);
        if (config.backfill().ofNewTables()) {
            causes.add(Cause.NEW);
        }
        if (config.backfill().afterResync()) {
            causes.add(Cause.RESYNC);
        }
        return causes;
    }

    /** The source of changes for the configured delivery mode, after the offset that Connect has committed. */
    public static ChangeSource source(ConnectorConfig config, TaskMetrics metrics, SourceTaskContext context) {
        Map<String, ?> offset = config.delivery().mode() == DeliveryMode.DURABLE
                ? context.offsetStorageReader().offset(JournalSource.partition(config.name()))
                : null;
        return source(config, connections(config), metrics, offset);
    }

    /** @param offset where to continue, for durable delivery; null to begin with everything in the journal */
    public static ChangeSource source(
            ConnectorConfig config, Connections connections, TaskMetrics metrics, @Nullable Map<String, ?> offset) {
        if (config.delivery().mode() == DeliveryMode.NOTIFY) {
            return new NotifySource(
                    connections,
                    provisioner(config),
                    metrics,
                    config.delivery().notifyQueueMaxBytes(),
                    config.connection().timeoutMs(),
                    config.heartbeat().intervalMs());
        }
        return new JournalSource(
                connections,
                provisioner(config),
                metrics,
                config.journal().leaseMs(),
                JournalSource.partition(config.name()),
                offset,
                backfills(config),
                config.heartbeat().intervalMs());
    }
}
