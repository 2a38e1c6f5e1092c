package io.ectowatch.connect.config;

import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.config.validation.Validators;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/**
 * The settings of the connector and its task, validated as far as that is possible without a database. Reads only the
 * given map, logs nothing, and keeps secrets out of its messages.
 */
public final class ConnectorConfig extends AbstractConfig {

    public static final String NAME_CONFIG = "name";
    private static final String NAME_DOC = "The connector's name in the Connect cluster. The connector marks the"
            + " objects that it creates in the database with this name. So connectors on one database need different"
            + " names, and a renamed connector starts from the beginning.";

    private final ConnectionFragment connection = new ConnectionFragment(this);
    private final WatchFragment watch = new WatchFragment(this);
    private final TopicFragment topics = new TopicFragment(this);
    private final RecordFragment records = new RecordFragment(this);
    private final DeliveryFragment delivery = new DeliveryFragment(this);
    private final JournalFragment journal = new JournalFragment(this);
    private final BackfillFragment backfill = new BackfillFragment(this);
    private final ContextFragment context = new ContextFragment(this);
    private final HeartbeatFragment heartbeat = new HeartbeatFragment(this);
    private final InstallFragment install = new InstallFragment(this);

    /**
     * @param props the settings as Connect passes them; null values count as absent, unknown keys are ignored
     * @throws ConfigException with all {@link #problems}, if there are any
     */
    public ConnectorConfig(Map<String, String> props) {
        super(ConfigValidator.definition(ConfigValidator.present(props)), checked(props), false);
    }

    /**
     * The settings of the connection alone, all others with their defaults: enough to open a connection. Empty if one of
     * them is not valid.
     */
    public static Optional<ConnectorConfig> ofConnection(Map<String, String> props) {
        Map<String, String> settings = new HashMap<>(Map.of(WatchFragment.TABLES_CONFIG, "*"));
        ConfigValidator.present(props).forEach((key, value) -> {
            if (key.startsWith(ConnectionFragment.PREFIX)) {
                settings.put(key, value);
            }
        });
        settings.put(NAME_CONFIG, "validation");
        return problems(settings).isEmpty() ? Optional.of(new ConnectorConfig(settings)) : Optional.empty();
    }

    private static Map<String, String> checked(Map<String, String> props) {
        List<ConfigProblem> problems = problems(props);
        if (!problems.isEmpty()) {
            throw new ConfigException(problems.stream()
                    .map(problem -> "\n- " + problem.text())
                    .collect(Collectors.joining("", "The configuration is not valid:", "")));
        }
        return ConfigValidator.present(props);
    }

    /** The settings that exist in every configuration; {@link #watcherConfigDef()} has those of a watcher. */
    public static ConfigDef configDef() {
        ConfigDef definition = new ConfigDef()
                .define(
                        NAME_CONFIG,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        Validators.of(String.class, "a text that is not blank", ConnectorConfig::checkName),
                        Importance.HIGH,
                        NAME_DOC,
                        "Connector",
                        1,
                        Width.MEDIUM,
                        "Name");
        ConnectionFragment.define(definition);
        WatchFragment.define(definition);
        TopicFragment.define(definition);
        RecordFragment.define(definition);
        DeliveryFragment.define(definition);
        JournalFragment.define(definition);
        BackfillFragment.define(definition);
        ContextFragment.define(definition);
        HeartbeatFragment.define(definition);
        InstallFragment.define(definition);
        return definition;
    }

    /** The settings of one watcher in the long form; their keys follow {@code watchers.<name>.}. */
    public static ConfigDef watcherConfigDef() {
        return WatcherFragment.configDef();
    }

    private static void checkName(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("It must not be empty.");
        }
    }

    /**
     * All problems of {@code props} that can be found without a database, each on the key that has to change. Never
     * throws.
     */
    public static List<ConfigProblem> problems(Map<String, String> props) {
        return new ConfigValidator(props).problems();
    }

    /**
     * The response to a validation by Connect, as far as that is possible without a database: a value for each key of
     * {@link #configDef()}, and for other keys if they have a problem. Never throws.
     */
    public static List<ConfigValue> validate(Map<String, String> props) {
        return new ConfigValidator(props).values();
    }

    /**
     * Adds problems to {@code values}, as {@link #validate} returned them, each on its own key. Keys that have no
     * value yet are added at the end.
     */
    public static List<ConfigValue> withProblems(List<ConfigValue> values, Collection<ConfigProblem> problems) {
        return ConfigValidator.withProblems(values, problems);
    }

    /** Adds to {@code values} what a form can offer for a setting, by the setting's key; keys without a value are skipped. */
    public static List<ConfigValue> withChoices(List<ConfigValue> values, Map<String, List<String>> choices) {
        return ConfigValidator.withChoices(values, choices);
    }

    /**
     * Adds to {@code definition}, which is one of {@link #configDef()}, the settings of the watchers that {@code props}
     * declares, and a description of each other key that has a value.
     */
    public static void describe(ConfigDef definition, Map<String, String> props, List<ConfigValue> values) {
        ResponseKeys.describe(definition, ConfigValidator.present(props), values);
    }

    /** The connector's name. */
    public String name() {
        return getString(NAME_CONFIG);
    }

    public ConnectionFragment connection() {
        return connection;
    }

    /** The watchers: those of the short form, then those of the long form, each in the order written; never empty. */
    public List<Watcher> watchers() {
        return watch.watchers();
    }

    /** The largest number of tables that are watched. */
    public int tablesMax() {
        return getInt(WatchFragment.TABLES_MAX_CONFIG);
    }

    /** How topics are named. */
    public TopicFormat topicFormat() {
        return topics.format();
    }

    /** The settings for records. */
    public RecordFragment records() {
        return records;
    }

    public DeliveryFragment delivery() {
        return delivery;
    }

    /** The settings for durable delivery. */
    public JournalFragment journal() {
        return journal;
    }

    /** When the rows are published that a table already has. */
    public BackfillFragment backfill() {
        return backfill;
    }

    /** What records say about the transaction. */
    public ContextFragment context() {
        return context;
    }

    /** How often heartbeats are published. */
    public HeartbeatFragment heartbeat() {
        return heartbeat;
    }

    /** The settings for the installation in the database. */
    public InstallFragment install() {
        return install;
    }
}
