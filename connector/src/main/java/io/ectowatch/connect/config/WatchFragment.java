package io.ectowatch.connect.config;

import io.ectowatch.connect.config.names.SpellingSuggestion;
import io.ectowatch.connect.config.names.TablePattern;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.config.validation.Validators;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings for what to watch: a short form for whole tables, a long form for everything else. */
public final class WatchFragment {

    public static final String TABLES_CONFIG = "tables";
    static final String TABLES_DOC =
            "The tables to watch, separated by commas: users, billing.invoices, audit.*. The default"
                    + " schema is public. Names follow SQL: without double quotes they are folded to lower case; in"
                    + " double quotes they are taken literally, and a double quote in them is written twice. Outside"
                    + " quotes a * matches any characters.";

    public static final String TABLES_MAX_CONFIG = "tables.max";
    public static final int TABLES_MAX_DEFAULT = 10_000;
    static final String TABLES_MAX_DOC =
            "The largest number of tables that are watched, so that a pattern cannot match far more tables than you expect. A"
                    + " configuration that needs more is refused. If more tables are created later, those that are not watched yet"
                    + " are in trouble, see on.table.error.";

    public static final String EVENTS_CONFIG = "events";
    static final List<String> EVENTS_DEFAULT =
            List.of(Event.INSERTED.text(), Event.UPDATED.text(), Event.DELETED.text());
    static final String EVENTS_DOC =
            "The events to publish: for the entries of tables, and for each watcher that does not"
                    + " set its own. A resync, which announces that changes may have been lost, is always published.";

    public static final String WATCHERS_CONFIG = "watchers";
    static final String WATCHERS_DOC =
            "Names of watchers in the long form, separated by commas. A watcher w has its own"
                    + " settings: watchers.w.table, and the optional ones in docs/watchers.md.";

    public static final String CHANGED_COLUMNS_CONFIG = "include.changed.columns";
    static final String CHANGED_COLUMNS_DOC =
            "Whether the records of updates list, in changed, the columns whose values have changed.";

    public static final String SKIP_UNCHANGED_CONFIG = "skip.unchanged.updates";
    static final String SKIP_UNCHANGED_DOC = "Whether to skip updates that do not change any value of the row.";

    public static final String OLD_VALUES_CONFIG = "old.values";
    static final String OLD_VALUES_DOC =
            "Whether the records of updates contain, in old, the previous values of the extra columns.";

    public static final String REPLICATED_CONFIG = "replicated";
    static final String REPLICATED_DOC = "Whether to capture changes that logical replication applies to the table as a"
            + " subscriber, its initial copy included, or that are made with session_replication_role=replica. The"
            + " table then gets row triggers that are enabled ALWAYS, for all of its watchers. Only the table's owner"
            + " can create them.";

    public static final String ROW_TRIGGERS_CONFIG = "row.triggers";
    static final String ROW_TRIGGERS_DOC =
            "Whether the table gets row triggers instead of statement triggers, for all of"
                    + " its watchers. A statement that changes one row then takes a little less time, one that changes many rows takes"
                    + " much more. A table that others inherit from keeps statement triggers. See docs/watchers-options.md.";

    public static final String COLLAPSE_CONFIG = "collapse";
    static final String COLLAPSE_DOC =
            "Whether several updates of a row become one record: with the last values, the first"
                    + " old values, and their number in count. An insertion takes in the updates that follow it. none: each change"
                    + " has a record. backlog: only while the task is behind. always: among all changes that one poll() returns. See"
                    + " docs/watchers-options.md.";

    /** The prefix of the settings of watchers in the long form; the watcher's name and a dot follow. */
    public static final String WATCHER_PREFIX = WATCHERS_CONFIG + ".";

    private static final String GROUP = "Watching";
    private static final String DEFAULT_DOC = " The default for watchers that do not set it.";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");

    private final AbstractConfig config;

    WatchFragment(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef definition) {
        int order = 0;
        definition
                .define(
                        TABLES_CONFIG,
                        Type.STRING,
                        "",
                        Validators.of(String.class, "names or patterns of tables", WatchFragment::parseTables),
                        Importance.HIGH,
                        TABLES_DOC,
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Tables")
                .define(
                        TABLES_MAX_CONFIG,
                        Type.INT,
                        TABLES_MAX_DEFAULT,
                        Validators.atLeast(1),
                        Importance.LOW,
                        TABLES_MAX_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Maximum number of tables")
                .define(
                        EVENTS_CONFIG,
                        Type.LIST,
                        EVENTS_DEFAULT,
                        EventList.rule(),
                        Importance.HIGH,
                        EVENTS_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Events",
                        EventList.CHOICES)
                .define(
                        WATCHERS_CONFIG,
                        Type.LIST,
                        List.of(),
                        Validators.of(List.class, "names of a-z, A-Z, 0-9, '_', '-'", WatchFragment::checkNames),
                        Importance.MEDIUM,
                        WATCHERS_DOC,
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Watchers");
        order = defineFlag(definition, CHANGED_COLUMNS_CONFIG, CHANGED_COLUMNS_DOC, order, "Include changed columns");
        order = defineFlag(definition, SKIP_UNCHANGED_CONFIG, SKIP_UNCHANGED_DOC, order, "Skip unchanged updates");
        order = defineFlag(definition, OLD_VALUES_CONFIG, OLD_VALUES_DOC, order, "Old values");
        order = defineFlag(definition, REPLICATED_CONFIG, REPLICATED_DOC, order, "Replicated");
        order = defineFlag(definition, ROW_TRIGGERS_CONFIG, ROW_TRIGGERS_DOC, order, "Row triggers");
        definition.define(
                COLLAPSE_CONFIG,
                Type.STRING,
                Collapse.NONE.text(),
                Collapse.RULE,
                Importance.LOW,
                COLLAPSE_DOC + DEFAULT_DOC,
                GROUP,
                order + 1,
                Width.SHORT,
                "Collapse",
                Collapse.CHOICES);
    }

    /** A default for every watcher that does not set its own value. */
    private static int defineFlag(ConfigDef definition, String key, String doc, int order, String displayName) {
        definition.define(
                key,
                Type.BOOLEAN,
                false,
                null,
                Importance.LOW,
                doc + DEFAULT_DOC,
                GROUP,
                order + 1,
                Width.SHORT,
                displayName);
        return order + 1;
    }

    /** Adds the settings of each watcher in the long form that {@code settings} declares. */
    static void defineWatchers(ConfigDef definition, Map<String, String> settings) {
        for (String name : declared(settings)) {
            if (NAME.matcher(name).matches()) {
                definition.embed(WATCHER_PREFIX + name + ".", "Watcher " + name, 0, WatcherFragment.configDef());
            }
        }
    }

    /** The names of the watchers in the long form, which may not be valid. */
    static Set<String> declared(Map<String, String> settings) {
        Object names = ConfigDef.parseType(WATCHERS_CONFIG, settings.getOrDefault(WATCHERS_CONFIG, ""), Type.LIST);
        Set<String> declared = new LinkedHashSet<>();
        ((List<?>) names).forEach(name -> declared.add(name.toString()));
        return declared;
    }

    private static List<TablePattern> parseTables(String text) {
        List<TablePattern> patterns = TablePattern.parseList(text);
        Set<TablePattern> seen = new HashSet<>();
        for (TablePattern pattern : patterns) {
            if (!seen.add(pattern)) {
                throw new IllegalArgumentException("It lists " + pattern + " twice.");
            }
        }
        return patterns;
    }

    private static void checkNames(List<?> names) {
        Set<Object> seen = new HashSet<>();
        for (Object name : names) {
            if (name.toString().isEmpty()) {
                throw new IllegalArgumentException("An entry of the list is empty. Remove the extra comma.");
            }
            if (!NAME.matcher(name.toString()).matches()) {
                throw new IllegalArgumentException(name + " is not a valid name for a watcher."
                        + " Use only letters, digits, _ and -, since the name is part of settings.");
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException("It lists " + name + " twice.");
            }
        }
    }

    /** Problems of settings that are valid by themselves, but not together. */
    static List<ConfigProblem> problems(Map<String, String> settings) {
        List<ConfigProblem> problems = new ArrayList<>();
        Set<String> declared = declared(settings);
        if (settings.getOrDefault(TABLES_CONFIG, "").isBlank() && declared.isEmpty()) {
            problems.add(new ConfigProblem(
                    TABLES_CONFIG,
                    "No table is watched. List the tables, such as tables=users, billing.invoices, or declare watchers"
                            + " with watchers=<name> and watchers.<name>.table."));
        }
        settings.keySet().stream()
                .filter(key -> key.startsWith(WATCHER_PREFIX))
                .sorted()
                .forEach(key -> strayProblem(key, declared, problems));
        for (String name : declared) {
            String key = WATCHER_PREFIX + name + "." + WatcherFragment.LABEL_CONFIG;
            Optional.ofNullable(settings.get(key))
                    .flatMap(label -> TopicFragment.obstacleToLabel(label.trim(), settings))
                    .ifPresent(obstacle -> problems.add(new ConfigProblem(key, obstacle)));
            problems.addAll(new WatcherValidator(settings, WATCHER_PREFIX + name + ".").problems());
        }
        return problems;
    }

    private static void strayProblem(String key, Set<String> declared, List<ConfigProblem> problems) {
        Set<String> known = WatcherFragment.KEYS;
        String rest = key.substring(WATCHER_PREFIX.length());
        int dot = rest.indexOf('.');
        if (dot <= 0) {
            problems.add(new ConfigProblem(
                    key,
                    "A watcher's setting has the form watchers.<name>.<setting>. Settings: " + listed(known) + "."));
            return;
        }
        String name = rest.substring(0, dot);
        String setting = rest.substring(dot + 1);
        if (!declared.contains(name)) {
            problems.add(new ConfigProblem(
                    key,
                    "The watcher " + name + " is not declared." + SpellingSuggestion.hint(name, declared) + " List its"
                            + " name in watchers."));
        } else if (!known.contains(setting)) {
            problems.add(new ConfigProblem(
                    key,
                    "A watcher has no setting"
                            + " " + setting + "." + SpellingSuggestion.hint(setting, known) + " Settings: "
                            + listed(known) + "."));
        }
    }

    private static String listed(Set<String> settings) {
        return String.join(", ", settings.stream().sorted().toList());
    }

    /** The watchers of {@code tables} and then those of {@code watchers}, each in the order written. */
    public List<Watcher> watchers() {
        Set<Event> events = EventList.parse(config.getList(EVENTS_CONFIG));
        WatcherOptions defaults = new WatcherOptions(
                List.of(),
                null,
                List.of(),
                null,
                config.getBoolean(CHANGED_COLUMNS_CONFIG),
                config.getBoolean(SKIP_UNCHANGED_CONFIG),
                config.getBoolean(OLD_VALUES_CONFIG),
                config.getBoolean(REPLICATED_CONFIG),
                config.getBoolean(ROW_TRIGGERS_CONFIG),
                Collapse.parse(config.getString(COLLAPSE_CONFIG)));
        List<Watcher> watchers = new ArrayList<>();
        for (TablePattern pattern : parseTables(config.getString(TABLES_CONFIG))) {
            watchers.add(new Watcher(TABLES_CONFIG, pattern, events, List.of(), null, defaults));
        }
        for (String name : config.getList(WATCHERS_CONFIG)) {
            watchers.add(WatcherFragment.watcher(config, WATCHER_PREFIX + name + ".", events, defaults));
        }
        return List.copyOf(watchers);
    }
}
