package io.ectowatch.connect.config;

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
            "The table to watch, or a pattern with * for several, written like an entry of" + " tables.";

    public static final String EVENTS_CONFIG = "events";
    static final String EVENTS_DOC = "What this watcher wants to hear of. Without it, the setting events holds.";

    public static final String EXTRA_COLUMNS_CONFIG = "extra.columns";
    static final String EXTRA_COLUMNS_DOC = "Columns whose values are carried along in each record, separated by commas"
            + " and named as in SQL: without double quotes a name is folded to lower case.";

    public static final String LABEL_CONFIG = "label";
    static final String LABEL_DOC =
            "A name of your own for what this watcher reports. All of its records go to the topic"
                    + " ${prefix}.<label>, whatever the table and event, and carry the label. Watchers with the same label share"
                    + " that topic. Letters, digits, dots, underscores and hyphens.";

    public static final String COLUMNS_CONFIG = "columns";
    static final String COLUMNS_DOC =
            "An update counts only if the value of one of these columns has changed; without it"
                    + " every update counts. Insertions and deletions do not depend on it. Names as in extra.columns.";

    public static final String WHEN_CONFIG = "when";
    static final String WHEN_DOC =
            "A condition in SQL over the row, such as NEW.status = 'paid' AND OLD.status <> 'paid':"
                    + " only changes for which it holds count. NEW is the row after the change, OLD the one before; where there is"
                    + " none, its columns are null. Subqueries and functions marked VOLATILE are not possible; names outside"
                    + " pg_catalog need their schema. A change for which the condition fails, as by a division by zero, counts.";

    public static final String KEY_COLUMNS_CONFIG = "key.columns";
    static final String KEY_COLUMNS_DOC =
            "What the records are keyed by instead of the primary key, which stays in their"
                    + " values: with post_id on a table of comments, all comments of a post share a partition. Columns that cannot"
                    + " be null. An update that changes them is told under the old key and under the new one.";

    public static final String TOPIC_CONFIG = "topic";
    static final String TOPIC_DOC = "The topic of all records of this watcher, whatever topic.format and the label say."
            + " Watchers with the same topic share it.";

    private static final String GROUP = "Watchers";

    static final Set<String> KEYS = Set.copyOf(configDef().names());

    private WatcherFragment() {}

    /** The settings by their keys behind {@code watchers.<name>.}. */
    static ConfigDef configDef() {
        int order = 0;
        return new ConfigDef()
                .define(
                        TABLE_CONFIG,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        Rule.of(String.class, "a table or a pattern, such as users or billing.*", TablePattern::parse),
                        Importance.HIGH,
                        TABLE_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Table")
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
                        Rule.of(String.class, "names of columns", WatcherFragment::parseColumns),
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
                        Rule.of(String.class, "a-z, A-Z, 0-9, '.', '_', '-'", TopicFormat::checkName),
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
                        Rule.of(String.class, "names of columns", WatcherFragment::checkColumns),
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
                        Rule.of(String.class, "a condition in SQL over NEW and OLD", Condition::parse),
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
                        Rule.of(String.class, "names of columns", WatcherFragment::checkColumns),
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
                        Rule.of(String.class, "a-z, A-Z, 0-9, '.', '_', '-'", TopicFormat::checkName),
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
                        "Replicated");
    }

    /** For columns without which the setting would mean nothing. */
    private static void checkColumns(String text) {
        if (parseColumns(text).isEmpty()) {
            throw new IllegalArgumentException("It names no column: write at least one, or leave the setting out.");
        }
    }

    private static List<String> parseColumns(String text) {
        Set<String> columns = new LinkedHashSet<>();
        for (List<Identifier> parts : IdentifierParser.parse(text)) {
            Identifier column = parts.get(0);
            if (parts.size() > 1) {
                throw new IllegalArgumentException(String.join(
                                ".", parts.stream().map(Identifier::toString).toList())
                        + " is not a column: write its name alone, in double quotes if it holds a dot.");
            }
            if (column.isGlob()) {
                throw new IllegalArgumentException(
                        column + " is not a column: name each one; put a name that holds a * in double quotes.");
            }
            if (!columns.add(column.text())) {
                throw new IllegalArgumentException("It names " + column + " twice.");
            }
        }
        return new ArrayList<>(columns);
    }

    /**
     * The watcher whose settings begin with {@code prefix} in {@code config}.
     *
     * @param prefix including the last dot
     * @param defaultEvents its events if it has none of its own
     * @param defaults what holds where it says nothing itself
     */
    static Watcher watcher(AbstractConfig config, String prefix, Set<Event> defaultEvents, WatcherOptions defaults) {
        List<String> events = config.getList(prefix + EVENTS_CONFIG);
        String when = config.getString(prefix + WHEN_CONFIG);
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
                        flag(config, prefix + WatchFragment.REPLICATED_CONFIG, defaults.replicated())));
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
