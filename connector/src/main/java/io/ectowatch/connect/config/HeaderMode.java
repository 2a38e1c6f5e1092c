package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which Kafka headers describe a change, in addition to the record's value. */
public enum HeaderMode {
    NONE,
    /** Event, table and transaction, in headers that the connector defines. */
    BASIC,
    /** The attributes of a CloudEvent in binary mode. */
    CLOUDEVENTS;

    /** The name used in settings, for example {@code basic}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode with that name, in any case, or empty. */
    public static Optional<HeaderMode> of(String text) {
        return Arrays.stream(values())
                .filter(mode -> mode.text().equalsIgnoreCase(text))
                .findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(HeaderMode::text).toList();
    }

    @Override
    public String toString() {
        return text();
    }
}
