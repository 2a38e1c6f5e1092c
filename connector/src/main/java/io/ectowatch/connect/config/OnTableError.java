package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the task does if it cannot watch one of its tables. */
public enum OnTableError {
    /** It watches the other tables, and retries this one. */
    CONTINUE,
    /** It fails. */
    FAIL;

    /** The name used in settings, for example {@code continue}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The value of that name, in any case; empty if there is no such value. */
    public static Optional<OnTableError> of(String text) {
        return Arrays.stream(values())
                .filter(value -> value.text().equalsIgnoreCase(text))
                .findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(OnTableError::text).toList();
    }

    @Override
    public String toString() {
        return text();
    }
}
