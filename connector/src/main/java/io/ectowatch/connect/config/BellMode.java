package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether triggers wake a waiting task by NOTIFY, which keeps a transaction from being prepared. */
public enum BellMode {
    /** Where the server allows no prepared transactions. */
    AUTO,
    ON,
    OFF;

    /** What {@link #ON} was called before. */
    private static final String FORMER_ON = "notify";

    /** The name used in settings, for example {@code auto}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode of that name; empty when no mode has it. */
    public static Optional<BellMode> of(String text) {
        if (text.equals(FORMER_ON)) {
            return Optional.of(ON);
        }
        return Arrays.stream(values()).filter(mode -> mode.text().equals(text)).findFirst();
    }

    /** What the setting may be. */
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
