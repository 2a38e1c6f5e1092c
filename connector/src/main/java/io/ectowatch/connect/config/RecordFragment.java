package io.ectowatch.connect.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings of what a record is made of beside its key and value. */
public final class RecordFragment {

    public static final String HEADERS_CONFIG = "headers";
    static final String HEADERS_DOC =
            "Which headers tell of the change, beside its value. none: no more than the few that"
                    + " some records have anyway. basic: ectowatch.event, ectowatch.table and ectowatch.txid. cloudevents: the"
                    + " attributes of a CloudEvent in binary mode, ce_id and so on. All are strings: leave header.converter as"
                    + " it is, or make it StringConverter.";

    public static final String TOMBSTONES_CONFIG = "tombstones";
    static final String TOMBSTONES_DOC =
            "Whether the record of a deletion is followed by one with the same key and no value,"
                    + " at which a compacted topic forgets the key. A table's events have to share a topic for that: leave"
                    + " ${event} out of topic.format. Kafka refuses records without a key on a compacted topic, so with"
                    + " tombstones those of resync and truncated go to a topic of their own: the other one's name, a dot, and"
                    + " the event.";

    private static final String GROUP = "Records";

    private final AbstractConfig config;

    RecordFragment(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef definition) {
        int order = 0;
        definition
                .define(
                        HEADERS_CONFIG,
                        Type.STRING,
                        HeaderMode.NONE.text(),
                        Rule.of(String.class, String.join(", ", HeaderMode.names()), RecordFragment::parseHeaders),
                        Importance.LOW,
                        HEADERS_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Headers",
                        new Choices(HeaderMode.names()))
                .define(
                        TOMBSTONES_CONFIG,
                        Type.BOOLEAN,
                        false,
                        null,
                        Importance.LOW,
                        TOMBSTONES_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Tombstones");
    }

    private static HeaderMode parseHeaders(String text) {
        return HeaderMode.of(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "There are no headers " + text + "." + SpellingSuggestion.hint(text, HeaderMode.names())
                                + " Valid is " + String.join(", ", HeaderMode.names()) + "."));
    }

    /** What is wrong with settings of which each is sound by itself. */
    static List<Problem> problems(Map<String, String> settings) {
        ConfigDef definition = ConfigCheck.definition(settings);
        Map<String, String> ours = new HashMap<>(settings);
        ours.keySet().retainAll(definition.names()); // AbstractConfig would load config providers
        AbstractConfig config = new AbstractConfig(definition, ours, false);
        return new RecordFragment(config).tombstones()
                ? new TombstoneSense(new TopicFragment(config).format(), new WatchFragment(config).watchers())
                        .problems()
                : List.of();
    }

    public HeaderMode headers() {
        return parseHeaders(config.getString(HEADERS_CONFIG));
    }

    /** Whether a record without a value follows a deletion. */
    public boolean tombstones() {
        return config.getBoolean(TOMBSTONES_CONFIG);
    }
}
