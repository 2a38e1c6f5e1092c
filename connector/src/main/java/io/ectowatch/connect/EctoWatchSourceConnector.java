package io.ectowatch.connect;

import io.ectowatch.connect.admin.FormValidator;
import io.ectowatch.connect.admin.OffsetAlterer;
import io.ectowatch.connect.admin.SqlPrinter;
import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.DeliveryFragment;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.config.Version;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/**
 * Publishes one thin record per row change of the watched PostgreSQL tables, by means of triggers. A connector has
 * one task: the order of changes is that of the database, which is a single stream.
 */
public final class EctoWatchSourceConnector extends SourceConnector {

    /**
     * The last definition that this thread was given. For a validation Connect calls config() and then validate() in one
     * thread, and adds to each value of the response its key in that definition. The settings of watchers are known only
     * to validate(), which adds them: a value without a key makes some user interfaces fail.
     */
    private final ThreadLocal<ConfigDef> described = new ThreadLocal<>();

    private Map<String, String> properties = Map.of();

    /** Called by the worker, by reflection. */
    public EctoWatchSourceConnector() {}

    @Override
    public String version() {
        return Version.current();
    }

    @Override
    public ConfigDef config() {
        ConfigDef definition = ConnectorConfig.configDef();
        described.set(definition);
        return definition;
    }

    /**
     * Validates the settings alone and then, if they are valid, against the database: within ten seconds, without any
     * DDL. The response has the choices that the database offers, see {@link FormValidator}.
     */
    @Override
    public Config validate(Map<String, String> props) {
        List<ConfigValue> values = new FormValidator(props).values();
        ConfigDef definition = described.get();
        if (definition != null) {
            described.remove();
            ConnectorConfig.describe(definition, props, values);
        }
        return new Config(values);
    }

    @Override
    public void start(Map<String, String> props) {
        ConnectorConfig config = new ConnectorConfig(props); // throws the problems that validate() returns
        if (config.install().mode() == InstallMode.PRINT) {
            throw SqlPrinter.done(config);
        }
        properties = new HashMap<>(props);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return EctoWatchSourceTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return List.of(new HashMap<>(properties));
    }

    @Override
    public void stop() {
        // Triggers stay: stop() is also part of every rebalance and restart.
        properties = Map.of();
    }

    /** {@code durable} delivery resumes exactly after any change; notifications cannot be read again. */
    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> props) {
        return isDurable(props) ? ExactlyOnceSupport.SUPPORTED : ExactlyOnceSupport.UNSUPPORTED;
    }

    /** Only {@code durable} delivery has transactions. */
    @Override
    public ConnectorTransactionBoundaries canDefineTransactionBoundaries(Map<String, String> props) {
        return isDurable(props) ? ConnectorTransactionBoundaries.SUPPORTED : ConnectorTransactionBoundaries.UNSUPPORTED;
    }

    /** The other settings may not be valid, which is reported elsewhere. */
    private static boolean isDurable(Map<String, String> props) {
        String mode = props.getOrDefault(DeliveryFragment.MODE_CONFIG, DeliveryMode.DURABLE.text());
        return DeliveryMode.of(mode).equals(Optional.of(DeliveryMode.DURABLE));
    }

    /**
     * Null, or no offset at all (an offset reset), removes all objects of the connector from the database: it then
     * starts from the beginning. With an offset that it has had before it continues there, if the journal still has
     * the changes that follow; {@code {"timestamp": ...}} continues with the journal's changes from that time on.
     *
     * @throws org.apache.kafka.connect.errors.ConnectException for any other offset, or if the removal is not
     *     possible, with the reason; then nothing has changed
     */
    @Override
    public boolean alterOffsets(Map<String, String> props, Map<Map<String, ?>, Map<String, ?>> offsets) {
        new OffsetAlterer(new ConnectorConfig(props)).apply(offsets);
        return true;
    }
}
