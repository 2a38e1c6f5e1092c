package io.ectowatch.connect.config;

import io.ectowatch.connect.config.names.SpellingSuggestion;
import io.ectowatch.connect.config.validation.FixedSetRecommender;
import io.ectowatch.connect.config.validation.Validators;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;

/** Whether several changes of a row are published as one record. */
public enum Collapse {
    NONE,
    /** Only while the task is behind. */
    BACKLOG,
    /** All that one poll returns. */
    ALWAYS;

    static final ConfigDef.Validator RULE = Validators.of(String.class, String.join(", ", names()), Collapse::parse);
    static final ConfigDef.Recommender CHOICES = new FixedSetRecommender(names());

    /** The name used in settings, for example {@code backlog}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The mode with that name, in any case.
     *
     * @throws IllegalArgumentException if there is no such mode, with the message
     */
    static Collapse parse(String text) {
        return Arrays.stream(values())
                .filter(mode -> mode.text().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("It must be one of " + String.join(", ", names()) + "."
                        + SpellingSuggestion.hint(text, names())));
    }

    static List<String> names() {
        return Arrays.stream(values()).map(Collapse::text).toList();
    }

    @Override
    public String toString() {
        return text();
    }
}
