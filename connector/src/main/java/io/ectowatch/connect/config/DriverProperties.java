package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.postgresql.PGProperty;

/** Which properties of the PostgreSQL driver a user may set, and which belong to a setting of the connector. */
final class DriverProperties {

    /** In lower case, so that another spelling does not slip through. */
    private static final Map<String, String> OWN_SETTING = Map.of(
            "user", ConnectionFragment.USER_CONFIG,
            "password", ConnectionFragment.PASSWORD_CONFIG,
            "connecttimeout", ConnectionFragment.TIMEOUT_CONFIG,
            "sockettimeout", ConnectionFragment.TIMEOUT_CONFIG,
            "logintimeout", ConnectionFragment.TIMEOUT_CONFIG);

    private static final List<String> IN_URL_ONLY = List.of("pghost", "pgport", "pgdbname", "host", "port", "dbname");

    private static final List<String> KNOWN =
            Arrays.stream(PGProperty.values()).map(PGProperty::getName).toList();

    private DriverProperties() {}

    /** What is wrong with a property of that name beside the URL, as a sentence for the user. */
    static Optional<String> problem(String name) {
        if (IN_URL_ONLY.contains(name.toLowerCase(Locale.ROOT))) {
            return Optional.of("The server and the database belong into " + ConnectionFragment.URL_CONFIG + ".");
        }
        return problemInUrl(name);
    }

    /** What is wrong with a parameter of that name in the URL, as a sentence for the user. */
    static Optional<String> problemInUrl(String name) {
        String own = OWN_SETTING.get(name.toLowerCase(Locale.ROOT));
        if (own != null) {
            return Optional.of("The driver's " + name + " is set by " + own + ": use that setting instead.");
        }
        if (KNOWN.contains(name) || IN_URL_ONLY.contains(name)) {
            return Optional.empty();
        }
        // The driver ignores what it does not know, and a misspelt sslmode would leave the connection unprotected.
        // Names
        // like no other may be meant for a socket factory or an authentication plugin of the user's own.
        return SpellingSuggestion.within(Math.min(2, name.length() / 3), name, KNOWN)
                .map(close -> "The driver has no property " + name + ". Did you mean " + close + "?");
    }
}
