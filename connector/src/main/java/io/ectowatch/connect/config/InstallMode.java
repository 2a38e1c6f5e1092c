package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Who installs the connector's objects in the database. */
public enum InstallMode {
    /** The connector installs and repairs them. */
    APPLY,
    /** Another role has installed them: the connector checks them and changes nothing. */
    VERIFY,
    /** Another role will install them: the connector writes the SQL and publishes nothing. */
    PRINT;

    /** The name used in settings, for example {@code apply}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode with that name, in any case, or empty. */
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
