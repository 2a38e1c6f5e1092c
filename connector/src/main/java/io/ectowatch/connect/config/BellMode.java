package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether triggers wake a waiting task with NOTIFY. PostgreSQL cannot prepare a transaction that has notified. */
public enum BellMode {
    /** On if the server does not allow prepared transactions. */
    AUTO,
    ON,
    OFF;

    /** The former name of {@link #ON}. */
    private static final String FORMER_ON = "notify";

    /** The name used in settings, for example {@code auto}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode with that name, or empty. */
    public static Optional<BellMode> of(String text) {
        if (text.equals(FORMER_ON)) {
            return Optional.of(ON);
        }
        return Arrays.stream(values()).filter(mode -> mode.text().equals(text)).findFirst();
    }

    /** The names that the setting accepts. */
    static String[] accepted() {
        return new String[] {AUTO.text(), ON.text(), OFF.text(), FORMER_ON};
    }

    static List<String> names() {
        return Arrays.stream(values()).map(BellMode::text).toList();
    }

    @Override
    public String toString() {
        return text();
    }
}
