package io.ectowatch.connect.postgres;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything needed to open a connection.
 *
 * @param url a PGJDBC URL
 * @param user the role, or null to leave it to the driver
 * @param password the password, or null; never printed
 * @param role the role for {@code SET ROLE} in every session, or null to stay the role that logged in
 * @param properties further driver properties
 * @param timeoutMs the time limit for connecting, and for each single answer, in milliseconds
 * @param applicationName the {@code application_name} that {@code pg_stat_activity} shows
 */
public record ConnectionSettings(
        String url,
        @Nullable String user,
        @Nullable String password,
        @Nullable String role,
        Map<String, String> properties,
        int timeoutMs,
        String applicationName) {

    public ConnectionSettings {
        Objects.requireNonNull(url, "url");
        properties = Map.copyOf(properties);
        Objects.requireNonNull(applicationName, "applicationName");
    }

    /** The same settings with a shorter time limit. */
    public ConnectionSettings within(int milliseconds) {
        return new ConnectionSettings(
                url, user, password, role, properties, Math.min(timeoutMs, milliseconds), applicationName);
    }

    /** Contains no secret: a URL can hold a password, too. */
    @Override
    public String toString() {
        return "ConnectionSettings[" + applicationName + "]";
    }
}
