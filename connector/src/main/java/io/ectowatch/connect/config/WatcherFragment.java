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
                        "Label");
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
     */
    static Watcher watcher(AbstractConfig config, String prefix, Set<Event> defaultEvents) {
        List<String> events = config.getList(prefix + EVENTS_CONFIG);
        String columns = config.getString(prefix + EXTRA_COLUMNS_CONFIG);
        return new Watcher(
                prefix.substring(0, prefix.length() - 1),
                TablePattern.parse(config.getString(prefix + TABLE_CONFIG)),
                events == null ? defaultEvents : EventList.parse(events),
                columns == null ? List.of() : parseColumns(columns),
                config.getString(prefix + LABEL_CONFIG));
    }
}
