package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How changes come from the database to the task. */
public enum DeliveryMode {
    /** In the payload of a NOTIFY: nothing is stored, and what happens while nobody listens is lost. */
    NOTIFY,
    /** Through a journal in the database, from which nothing is removed before Connect has committed its offset. */
    DURABLE;

    /** The name used in settings, for example {@code notify}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode of that name, in any case; empty when there is none. */
    public static Optional<DeliveryMode> of(String text) {
        return Arrays.stream(values())
                .filter(mode -> mode.text().equalsIgnoreCase(text))
                .findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(DeliveryMode::text).toList();
    }

    @Override
    public String toString() {
        return text();
    }
}
