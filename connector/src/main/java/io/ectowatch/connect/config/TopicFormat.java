package io.ectowatch.connect.config;

import io.ectowatch.connect.config.names.SpellingSuggestion;
import io.ectowatch.connect.config.names.TableName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Names the topic of a table's event. Immutable. */
public final class TopicFormat {

    /** Kafka's own limit, since topics become directory names. */
    private static final int MAX_LENGTH = 249;

    /** The topics of the brokers' own state (org.apache.kafka.common.internals.Topic). */
    private static final Set<String> INTERNAL =
            Set.of("__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata");

    /** The last part of the topic of heartbeats, as if it was a label. */
    static final String HEARTBEAT = "heartbeat";

    /** The placeholders of a format, written like {@code ${table}}. */
    private enum Placeholder {
        PREFIX,
        SCHEMA,
        TABLE,
        EVENT;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Literal text, or a placeholder. */
    private record Segment(String literal, @Nullable Placeholder placeholder) {}

    private final String prefix;
    private final List<Segment> segments;
    private final boolean keylessApart;
    private final boolean schemasShare;
    private final boolean heartbeats;

    /**
     * @param prefix the value of {@code ${prefix}}, and the start of a label's topic
     * @param format text with placeholders {@code ${prefix}}, {@code ${schema}}, {@code ${table}}, {@code ${event}}
     * @throws IllegalArgumentException with a sentence for the user, if one of them is not valid
     */
    public TopicFormat(String prefix, String format) {
        this(prefix, format, false, false);
    }

    /**
     * Like the other constructor, for topics that may be compacted.
     *
     * @param keylessApart whether records without a key go to a separate topic, because Kafka rejects them on a
     *     compacted topic
     * @param schemasShare whether tables with the same name in different schemas may share a topic
     */
    public TopicFormat(String prefix, String format, boolean keylessApart, boolean schemasShare) {
        this(prefix, format, keylessApart, schemasShare, false);
    }

    /**
     * Like the other constructors.
     *
     * @param heartbeats whether the connector publishes heartbeats
     */
    TopicFormat(String prefix, String format, boolean keylessApart, boolean schemasShare, boolean heartbeats) {
        checkName(prefix);
        this.heartbeats = heartbeats;
        this.prefix = prefix;
        this.keylessApart = keylessApart;
        this.schemasShare = schemasShare;
        this.segments = parse(format);
    }

    /** Whether these two tables may share a topic. */
    public boolean mayShare(TableName one, TableName other) {
        return schemasShare && one.table().equals(other.table());
    }

    /**
     * Checks text that becomes part of a topic's name unchanged.
     *
     * @throws IllegalArgumentException with a sentence for the user, if it is empty or contains a character that
     *     Kafka does not allow
     */
    static void checkName(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("It must not be empty.");
        }
        checkLegal(text);
    }

    private static void checkLegal(String text) {
        text.codePoints().filter(letter -> !isLegal(letter)).findFirst().ifPresent(letter -> {
            String shown = letter >= ' ' && letter < 0x7F
                    ? "\"" + Character.toString(letter) + "\""
                    : String.format(Locale.ROOT, "U+%04X", letter);
            throw new IllegalArgumentException(
                    "The character " + shown + " is not allowed in a topic name. Use a-z, A-Z, 0-9, '.', '_', '-'.");
        });
    }

    private static boolean isLegal(int letter) {
        return letter >= 'a' && letter <= 'z'
                || letter >= 'A' && letter <= 'Z'
                || letter >= '0' && letter <= '9'
                || letter == '.'
                || letter == '_'
                || letter == '-';
    }

    private static List<Segment> parse(String format) {
        List<Segment> segments = new ArrayList<>();
        int position = 0;
        while (position < format.length()) {
            int open = format.indexOf("${", position);
            String literal = format.substring(position, open < 0 ? format.length() : open);
            checkLegal(literal);
            segments.add(new Segment(literal, null));
            if (open < 0) {
                break;
            }
            int close = format.indexOf('}', open);
            if (close < 0) {
                throw new IllegalArgumentException("A \"${\" has no closing \"}\".");
            }
            segments.add(new Segment("", placeholder(format.substring(open + 2, close))));
            position = close + 1;
        }
        if (segments.stream().noneMatch(segment -> segment.placeholder() == Placeholder.TABLE)) {
            throw new IllegalArgumentException("It must contain ${table}. Without it all tables would share their"
                    + " topics. To send several tables to one topic, give watchers a label.");
        }
        return List.copyOf(segments);
    }

    private static Placeholder placeholder(String text) {
        List<String> known =
                Arrays.stream(Placeholder.values()).map(Placeholder::text).toList();
        int index = known.indexOf(text);
        if (index < 0) {
            throw new IllegalArgumentException(
                    "${" + text + "} is not a placeholder." + SpellingSuggestion.hint(text, known) + " Placeholders: "
                            + known.stream().map(name -> "${" + name + "}").collect(Collectors.joining(", ")) + ".");
        }
        return Placeholder.values()[index];
    }

    /** The topic of a table's event. Characters of the table's name that Kafka does not allow become {@code _}. */
    public String topic(TableName table, Event event) {
        StringBuilder topic = new StringBuilder();
        for (Segment segment : segments) {
            topic.append(
                    segment.placeholder() == null ? segment.literal() : filled(segment.placeholder(), table, event));
        }
        return hasEvent() ? topic.toString() : within(topic.toString(), event);
    }

    /** The topic of an event, for a watcher with that topic: the same, or a separate one for records without a key. */
    public String within(String topic, Event event) {
        return keylessApart && !event.hasRow() ? topic + "." + event.text() : topic;
    }

    private String filled(Placeholder placeholder, TableName table, Event event) {
        return switch (placeholder) {
            case PREFIX -> prefix;
            case SCHEMA -> legal(table.schema());
            case TABLE -> legal(table.table());
            case EVENT -> event.text();
        };
    }

    private static String legal(String name) {
        return name.codePoints()
                .map(letter -> isLegal(letter) ? letter : '_')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** The topic of a watcher with that label. */
    public String labelTopic(String label) {
        return prefix + "." + label;
    }

    /** The topic of heartbeats, which no watcher may have; empty if heartbeats are off. */
    public Optional<String> heartbeatTopic() {
        return heartbeats ? Optional.of(labelTopic(HEARTBEAT)) : Optional.empty();
    }

    /** Whether each event has a separate topic. */
    public boolean hasEvent() {
        return segments.stream().anyMatch(segment -> segment.placeholder() == Placeholder.EVENT);
    }

    /** Why Kafka would reject a topic that this format made, as a sentence for the user; empty if it would not. */
    public Optional<String> obstacle(String topic) {
        if (topic.length() > MAX_LENGTH) {
            return Optional.of("The topic " + topic + " would have " + topic.length() + " characters. Kafka allows "
                    + MAX_LENGTH + ".");
        }
        if (topic.equals(".") || topic.equals("..")) {
            return Optional.of("Kafka does not allow the topic name \"" + topic + "\".");
        }
        if (INTERNAL.contains(topic)) {
            return Optional.of("The topic " + topic + " is an internal topic of Kafka. Choose another name.");
        }
        return Optional.empty();
    }

    /** The value of {@code topic.prefix}. */
    public String prefix() {
        return prefix;
    }
}
