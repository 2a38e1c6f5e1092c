package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Who brings what the connector needs into the database. */
public enum InstallMode {
    /** The connector does, and keeps it as it has to be. */
    APPLY,
    /** Somebody else has: the connector looks whether all is as it has to be, and changes nothing. */
    VERIFY,
    /** Somebody else will: the connector writes down the SQL, and delivers nothing. */
    PRINT;

    /** The name used in settings, for example {@code apply}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode of that name, in any case; empty when there is none. */
    public static Optional<InstallMode> of(String text) {
        return Arrays.stream(values())
                .filter(mode -> mode.text().equalsIgnoreCase(text))
                .findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(InstallMode::text).toList();
    }

    @Override
    public String toString() {
        return text();
    }
}
