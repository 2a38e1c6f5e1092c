package io.ectowatch.connect.config;

import io.ectowatch.connect.config.condition.Condition;
import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds settings of one watcher that are valid by themselves, but make no sense together. */
final class WatcherValidator {

    private final Map<String, String> settings;
    private final String prefix;
    private final List<ConfigProblem> problems = new ArrayList<>();

    /** @param prefix the prefix of the watcher's settings, the last dot included */
    WatcherValidator(Map<String, String> settings, String prefix) {
        this.settings = settings;
        this.prefix = prefix;
    }

    List<ConfigProblem> problems() {
        String topic = settings.get(key(WatcherFragment.TOPIC_CONFIG));
        if (topic != null) {
            TopicFragment.obstacleToTopic(topic.trim())
                    .ifPresent(obstacle -> problem(WatcherFragment.TOPIC_CONFIG, obstacle));
        }
        Set<Event> events = events();
        if (!events.isEmpty()) {
            needsUpdates(
                    events, WatcherFragment.COLUMNS_CONFIG, settings.containsKey(key(WatcherFragment.COLUMNS_CONFIG)));
            for (String flag : List.of(
                    WatchFragment.CHANGED_COLUMNS_CONFIG,
                    WatchFragment.SKIP_UNCHANGED_CONFIG,
                    WatchFragment.OLD_VALUES_CONFIG)) {
                needsUpdates(events, flag, isOn(flag));
            }
            needsUpdates(events, WatchFragment.COLLAPSE_CONFIG, collapses());
            checkCondition(events);
        }
        if (isOn(WatchFragment.OLD_VALUES_CONFIG)
                && settings.getOrDefault(key(WatcherFragment.EXTRA_COLUMNS_CONFIG), "")
                        .isBlank()) {
            problem(
                    WatchFragment.OLD_VALUES_CONFIG,
                    "It applies to the extra columns, but this watcher has none. List them in "
                            + key(WatcherFragment.EXTRA_COLUMNS_CONFIG) + ", or remove this setting.");
        }
        return problems;
    }

    private void needsUpdates(Set<Event> events, String setting, boolean asked) {
        if (asked && !events.contains(Event.UPDATED)) {
            problem(
                    setting,
                    "It applies to updates, but this watcher does not publish updates. Add updated to its events, or"
                            + " remove this setting.");
        }
    }

    /** For an event without the row that a condition reads, the condition is never true. */
    private void checkCondition(Set<Event> events) {
        String text = settings.get(key(WatcherFragment.WHEN_CONFIG));
        Condition condition;
        try {
            condition = text == null ? null : Condition.parse(text);
        } catch (IllegalArgumentException reportedAlready) {
            return;
        }
        if (condition == null) {
            return;
        }
        if (events.contains(Event.TRUNCATED)) {
            problem(
                    WatcherFragment.WHEN_CONFIG,
                    "A truncation has no row. Remove truncated from this watcher's events.");
        }
        if (!condition.mentionsNew() && !condition.mentionsOld()) {
            problem(
                    WatcherFragment.WHEN_CONFIG,
                    "It mentions neither NEW nor OLD. Write the columns as NEW.<column> or OLD.<column>.");
        } else if (events.contains(Event.DELETED) && !condition.mentionsOld()) {
            problem(
                    WatcherFragment.WHEN_CONFIG,
                    "A deleted row is OLD, but the condition does not mention OLD. Remove deleted from this watcher's"
                            + " events, or write coalesce(NEW.<column>, OLD.<column>).");
        } else if (events.contains(Event.INSERTED) && !condition.mentionsNew()) {
            problem(
                    WatcherFragment.WHEN_CONFIG,
                    "An inserted row is NEW, but the condition does not mention NEW. Remove inserted from this"
                            + " watcher's events, or write coalesce(NEW.<column>, OLD.<column>).");
        }
    }

    /** Its events; none if they are not valid, which is reported elsewhere. */
    private Set<Event> events() {
        String own = settings.get(key(WatcherFragment.EVENTS_CONFIG));
        String text = own != null
                ? own
                : settings.getOrDefault(WatchFragment.EVENTS_CONFIG, String.join(",", WatchFragment.EVENTS_DEFAULT));
        try {
            return EventList.parse(
                    Arrays.stream(text.split(",")).map(String::trim).toList());
        } catch (IllegalArgumentException reportedAlready) {
            return EnumSet.noneOf(Event.class);
        }
    }

    private boolean isOn(String flag) {
        return settings.getOrDefault(key(flag), "").trim().equalsIgnoreCase("true");
    }

    private boolean collapses() {
        String text = settings.getOrDefault(key(WatchFragment.COLLAPSE_CONFIG), Collapse.NONE.text());
        return !text.trim().equalsIgnoreCase(Collapse.NONE.text());
    }

    private String key(String setting) {
        return prefix + setting;
    }

    private void problem(String setting, String message) {
        problems.add(new ConfigProblem(key(setting), message));
    }
}
