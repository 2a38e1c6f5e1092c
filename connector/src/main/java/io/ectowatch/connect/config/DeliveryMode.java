package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How changes get from the database to the task. */
public enum DeliveryMode {
    /** In the payload of a NOTIFY: nothing is stored, and changes while the connector is down are lost. */
    NOTIFY,
    /** Through a journal in the database; a row is removed only after Connect has committed its offset. */
    DURABLE;

    /** The name used in settings, for example {@code notify}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode with that name, in any case, or empty. */
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
