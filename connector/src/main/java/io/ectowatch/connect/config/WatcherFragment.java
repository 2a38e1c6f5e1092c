package io.ectowatch.connect.config;

import io.ectowatch.connect.config.condition.Condition;
import io.ectowatch.connect.config.names.Identifier;
import io.ectowatch.connect.config.names.IdentifierParser;
import io.ectowatch.connect.config.names.TablePattern;
import io.ectowatch.connect.config.validation.Validators;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings of one watcher in the long form. Their keys follow {@code watchers.<name>.}. */
public final class WatcherFragment {

    public static final String TABLE_CONFIG = "table";
    static final String TABLE_DOC =
            "The table to watch, or a pattern with * for several tables, in the form of an entry of tables.";

    public static final String EVENTS_CONFIG = "events";
    static final String EVENTS_DOC = "The events that this watcher publishes. The default is the setting events.";

    public static final String EXTRA_COLUMNS_CONFIG = "extra.columns";
    static final String EXTRA_COLUMNS_DOC = "Columns whose values are added to each record, separated by commas"
            + " and written as in SQL: without double quotes a name is folded to lower case.";

    public static final String LABEL_CONFIG = "label";
    static final String LABEL_DOC = "A name for the records of this watcher. With the label L they all go to the topic"
            + " ${prefix}.L, for every table and event, and contain the label. Watchers with the same"
            + " label share that topic. Letters, digits, dots, underscores and hyphens.";

    public static final String COLUMNS_CONFIG = "columns";
    static final String COLUMNS_DOC =
            "An update is published only if the value of one of these columns has changed. By default"
                    + " every update is published. It does not filter insertions and deletions. Names as in"
                    + " extra.columns.";

    public static final String WHEN_CONFIG = "when";
    static final String WHEN_DOC =
            "An SQL condition on the row, such as NEW.status = 'paid' AND OLD.status IS DISTINCT FROM 'paid'."
                    + " Only changes for which it is true are published. NEW is the row after the change, OLD the row"
                    + " before; the columns of a missing row are null. Subqueries and VOLATILE functions are not"
                    + " allowed; names outside pg_catalog need their schema. A change for which the condition fails (a"
                    + " division by zero) is published.";

    public static final String KEY_COLUMNS_CONFIG = "key.columns";
    static final String KEY_COLUMNS_DOC = "The columns of the record key instead of the primary key, which stays in the"
            + " value: with post_id on a table of comments, all comments of a post are in the same partition."
            + " The columns must be NOT NULL. An update that changes them is published under the old key and"
            + " under the new key.";

    public static final String TOPIC_CONFIG = "topic";
    static final String TOPIC_DOC = "The topic of all records of this watcher, instead of topic.format and label."
            + " Watchers with the same topic share it.";

    private static final String GROUP = "Watchers";

    static final Set<String> KEYS = Set.copyOf(configDef().names());

    private WatcherFragment() {}

    /** The settings by their keys, which follow {@code watchers.<name>.}. */
    static ConfigDef configDef() {
        int order = 0;
        return new ConfigDef()
                .define(
                        TABLE_CONFIG,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        Validators.of(
                                String.class, "a table or a pattern, such as users or billing.*", TablePattern::parse),
                        Importance.HIGH,
                        TABLE_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Table",
                        List.of(EXTRA_COLUMNS_CONFIG, COLUMNS_CONFIG, KEY_COLUMNS_CONFIG))
                .define(
                        EVENTS_CONFIG,
                        Type.LIST,
                        null,
                        EventList.rule(),
                        Importance.MEDIUM,
                        EVENTS_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Events",
                        EventList.CHOICES)
                .define(
                        EXTRA_COLUMNS_CONFIG,
                        Type.STRING,
                        null,
                        Validators.of(String.class, "names of columns", WatcherFragment::parseColumns),
                        Importance.MEDIUM,
                        EXTRA_COLUMNS_DOC,
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Extra columns")
                .define(
                        LABEL_CONFIG,
                        Type.STRING,
                        null,
                        Validators.of(String.class, "a-z, A-Z, 0-9, '.', '_', '-'", TopicFormat::checkName),
                        Importance.MEDIUM,
                        LABEL_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Label")
                .define(
                        COLUMNS_CONFIG,
                        Type.STRING,
                        null,
                        Validators.of(String.class, "names of columns", WatcherFragment::checkColumns),
                        Importance.MEDIUM,
                        COLUMNS_DOC,
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Trigger columns")
                .define(
                        WHEN_CONFIG,
                        Type.STRING,
                        null,
                        Validators.of(String.class, "a condition in SQL over NEW and OLD", Condition::parse),
                        Importance.MEDIUM,
                        WHEN_DOC,
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Condition")
                .define(
                        KEY_COLUMNS_CONFIG,
                        Type.STRING,
                        null,
                        Validators.of(String.class, "names of columns", WatcherFragment::checkColumns),
                        Importance.MEDIUM,
                        KEY_COLUMNS_DOC,
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Key columns")
                .define(
                        TOPIC_CONFIG,
                        Type.STRING,
                        null,
                        Validators.of(String.class, "a-z, A-Z, 0-9, '.', '_', '-'", TopicFormat::checkName),
                        Importance.MEDIUM,
                        TOPIC_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Topic")
                .define(
                        WatchFragment.CHANGED_COLUMNS_CONFIG,
                        Type.BOOLEAN,
                        null,
                        null,
                        Importance.LOW,
                        WatchFragment.CHANGED_COLUMNS_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Include changed columns")
                .define(
                        WatchFragment.SKIP_UNCHANGED_CONFIG,
                        Type.BOOLEAN,
                        null,
                        null,
                        Importance.LOW,
                        WatchFragment.SKIP_UNCHANGED_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Skip unchanged updates")
                .define(
                        WatchFragment.OLD_VALUES_CONFIG,
                        Type.BOOLEAN,
                        null,
                        null,
                        Importance.LOW,
                        WatchFragment.OLD_VALUES_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Old values")
                .define(
                        WatchFragment.REPLICATED_CONFIG,
                        Type.BOOLEAN,
                        null,
                        null,
                        Importance.LOW,
                        WatchFragment.REPLICATED_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Replicated")
                .define(
                        WatchFragment.ROW_TRIGGERS_CONFIG,
                        Type.BOOLEAN,
                        null,
                        null,
                        Importance.LOW,
                        WatchFragment.ROW_TRIGGERS_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Row triggers")
                .define(
                        WatchFragment.COLLAPSE_CONFIG,
                        Type.STRING,
                        null,
                        Collapse.RULE,
                        Importance.LOW,
                        WatchFragment.COLLAPSE_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Collapse",
                        Collapse.CHOICES);
    }

    /** Checks a list of columns that must not be empty. */
    private static void checkColumns(String text) {
        if (parseColumns(text).isEmpty()) {
            throw new IllegalArgumentException("It lists no column. Write at least one, or remove the setting.");
        }
    }

    private static List<String> parseColumns(String text) {
        Set<String> columns = new LinkedHashSet<>();
        for (List<Identifier> parts : IdentifierParser.parse(text)) {
            Identifier column = parts.get(0);
            if (parts.size() > 1) {
                throw new IllegalArgumentException(String.join(
                                ".", parts.stream().map(Identifier::toString).toList())
                        + " is not a column. Write only its name, in double quotes if it contains a dot.");
            }
            if (column.isGlob()) {
                throw new IllegalArgumentException(
                        column + " is not a column. List each column; put a name that contains a * in double quotes.");
            }
            if (!columns.add(column.text())) {
                throw new IllegalArgumentException("It lists " + column + " twice.");
            }
        }
        return new ArrayList<>(columns);
    }

    /**
     * The watcher whose settings begin with {@code prefix} in {@code config}.
     *
     * @param prefix including the last dot
     * @param defaultEvents its events if it does not set its own
     * @param defaults the options that it does not set itself
     */
    static Watcher watcher(AbstractConfig config, String prefix, Set<Event> defaultEvents, WatcherOptions defaults) {
        List<String> events = config.getList(prefix + EVENTS_CONFIG);
        String when = config.getString(prefix + WHEN_CONFIG);
        String collapse = config.getString(prefix + WatchFragment.COLLAPSE_CONFIG);
        return new Watcher(
                prefix.substring(0, prefix.length() - 1),
                TablePattern.parse(config.getString(prefix + TABLE_CONFIG)),
                events == null ? defaultEvents : EventList.parse(events),
                columns(config, prefix + EXTRA_COLUMNS_CONFIG),
                config.getString(prefix + LABEL_CONFIG),
                new WatcherOptions(
                        columns(config, prefix + COLUMNS_CONFIG),
                        when == null ? null : Condition.parse(when),
                        columns(config, prefix + KEY_COLUMNS_CONFIG),
                        config.getString(prefix + TOPIC_CONFIG),
                        flag(config, prefix + WatchFragment.CHANGED_COLUMNS_CONFIG, defaults.changedColumns()),
                        flag(config, prefix + WatchFragment.SKIP_UNCHANGED_CONFIG, defaults.skipUnchanged()),
                        flag(config, prefix + WatchFragment.OLD_VALUES_CONFIG, defaults.oldValues()),
                        flag(config, prefix + WatchFragment.REPLICATED_CONFIG, defaults.replicated()),
                        flag(config, prefix + WatchFragment.ROW_TRIGGERS_CONFIG, defaults.rowTriggers()),
                        collapse == null ? defaults.collapse() : Collapse.parse(collapse)));
    }

    private static List<String> columns(AbstractConfig config, String key) {
        String text = config.getString(key);
        return text == null ? List.of() : parseColumns(text);
    }

    private static boolean flag(AbstractConfig config, String key, boolean otherwise) {
        Boolean value = config.getBoolean(key);
        return value == null ? otherwise : value;
    }
}
