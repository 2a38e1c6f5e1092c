package io.ectowatch.connect.postgres;

import java.util.Map;
import java.util.Objects;

/**
 * What is needed to open a connection.
 *
 * @param url a PGJDBC URL
 * @param user the role, or null to leave it to the driver
 * @param password the password, or null for none; never printed
 * @param role the role that every session takes on, or null to stay the one that has connected
 * @param properties further driver properties
 * @param timeoutMs the bound on connecting, and on waiting for any single answer, in milliseconds
 * @param applicationName what {@code pg_stat_activity} shows
 */
public record ConnectionSettings(
        String url,
        String user,
        String password,
        String role,
        Map<String, String> properties,
        int timeoutMs,
        String applicationName) {

    public ConnectionSettings {
        Objects.requireNonNull(url, "url");
        properties = Map.copyOf(properties);
        Objects.requireNonNull(applicationName, "applicationName");
    }

    /** The same with a tighter bound. */
    public ConnectionSettings within(int milliseconds) {
        return new ConnectionSettings(
                url, user, password, role, properties, Math.min(timeoutMs, milliseconds), applicationName);
    }

    /** Names no secret: a URL, too, can hold one. */
    @Override
    public String toString() {
        return "ConnectionSettings[" + applicationName + "]";
    }
}
