package io.ectowatch.connect.config;

import io.ectowatch.connect.config.names.SpellingSuggestion;
import io.ectowatch.connect.config.validation.FixedSetRecommender;
import io.ectowatch.connect.config.validation.Validators;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;

/** The events of a setting of type list. */
final class EventList {

    private static final List<String> NAMES = Arrays.stream(Event.values())
            .filter(Event::watchable)
            .map(Event::text)
            .toList();

    static final FixedSetRecommender CHOICES = new FixedSetRecommender(NAMES);

    private EventList() {}

    static ConfigDef.Validator rule() {
        return Validators.of(List.class, "one or more of " + Event.watchableNames(), EventList::parse);
    }

    /** Throws {@link IllegalArgumentException} with a sentence for the user, if the list is empty or wrong. */
    static Set<Event> parse(List<?> texts) {
        Set<Event> events = EnumSet.noneOf(Event.class);
        for (Object text : texts) {
            Event event = parse(text.toString());
            if (!events.add(event)) {
                throw new IllegalArgumentException("It lists " + event + " twice.");
            }
        }
        if (events.isEmpty()) {
            throw new IllegalArgumentException(
                    "It lists no event. Write at least one of " + Event.watchableNames() + ".");
        }
        return events;
    }

    private static Event parse(String text) {
        return Event.watchable(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        text.isEmpty()
                                ? "An entry of the list is empty. Remove the extra comma."
                                : text + " is not an event." + SpellingSuggestion.hint(text, NAMES) + " Events: "
                                        + Event.watchableNames() + "."));
    }
}
