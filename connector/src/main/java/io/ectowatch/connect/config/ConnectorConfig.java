package io.ectowatch.connect.config;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/**
 * What the user asked for: the settings of the connector and of its task, checked as far as that is possible without a
 * database. Reads nothing but the map it is given, logs nothing, and keeps secrets out of its messages.
 */
public final class ConnectorConfig extends AbstractConfig {

    public static final String NAME_CONFIG = "name";
    private static final String NAME_DOC = "The connector's name in the Connect cluster. The connector marks what it"
            + " creates in the database with it, so connectors on one database need different names, and a renamed one"
            + " starts anew.";

    private final ConnectionFragment connection = new ConnectionFragment(this);
    private final WatchFragment watch = new WatchFragment(this);
    private final TopicFragment topics = new TopicFragment(this);
    private final RecordFragment records = new RecordFragment(this);
    private final DeliveryFragment delivery = new DeliveryFragment(this);
    private final JournalFragment journal = new JournalFragment(this);
    private final InstallFragment install = new InstallFragment(this);

    /**
     * @param props the settings as Connect hands them over; null values count as absent, unknown keys do not matter
     * @throws ConfigException with all {@link #problems}, if there is any
     */
    public ConnectorConfig(Map<String, String> props) {
        super(ConfigCheck.definition(ConfigCheck.present(props)), checked(props), false);
    }

    private static Map<String, String> checked(Map<String, String> props) {
        List<Problem> problems = problems(props);
        if (!problems.isEmpty()) {
            throw new ConfigException(problems.stream()
                    .map(problem -> "\n- " + problem.text())
                    .collect(Collectors.joining("", "The configuration cannot be used:", "")));
        }
        return ConfigCheck.present(props);
    }

    /** The settings that exist in any configuration; {@link #watcherConfigDef()} has those of a watcher. */
    public static ConfigDef configDef() {
        ConfigDef definition = new ConfigDef()
                .define(
                        NAME_CONFIG,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        Rule.of(String.class, "a text that is not blank", ConnectorConfig::checkName),
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
        InstallFragment.define(definition);
        return definition;
    }

    /** The settings of one watcher in the long form, by their keys behind {@code watchers.<name>.}. */
    public static ConfigDef watcherConfigDef() {
        return WatcherFragment.configDef();
    }

    private static void checkName(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("It must not be empty.");
        }
    }

    /** Everything that is wrong with {@code props} as such, each on the key that has to change. Never throws. */
    public static List<Problem> problems(Map<String, String> props) {
        return new ConfigCheck(props).problems();
    }

    /**
     * The answer to Connect's question for validation, as far as it can be given without a database: a value for each
     * key of {@link #configDef()}, and for other keys if there is a problem with them. Never throws.
     */
    public static List<ConfigValue> validate(Map<String, String> props) {
        return new ConfigCheck(props).values();
    }

    /**
     * Puts further problems onto {@code values}, as {@link #validate} returned them, each on its own key; keys that have
     * no value yet follow at the end.
     */
    public static List<ConfigValue> withProblems(List<ConfigValue> values, Collection<Problem> problems) {
        return ConfigCheck.withProblems(values, problems);
    }

    /** The connector's name. */
    public String name() {
        return getString(NAME_CONFIG);
    }

    public ConnectionFragment connection() {
        return connection;
    }

    /** What to watch: the short form's watchers, then the long form's, each in the order written; never empty. */
    public List<Watcher> watchers() {
        return watch.watchers();
    }

    /** How topics are named. */
    public TopicFormat topicFormat() {
        return topics.format();
    }

    /** What a record is made of. */
    public RecordFragment records() {
        return records;
    }

    public DeliveryFragment delivery() {
        return delivery;
    }

    /** What concerns durable delivery only. */
    public JournalFragment journal() {
        return journal;
    }

    /** How what the connector needs comes into the database. */
    public InstallFragment install() {
        return install;
    }
}
