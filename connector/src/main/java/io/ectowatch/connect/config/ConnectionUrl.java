package io.ectowatch.connect.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Reads a URL as PGJDBC does, to report before connecting what the driver would reject without a reason. No message
 * repeats any part of the URL, since a misplaced password can be anywhere in it.
 */
final class ConnectionUrl {

    static final String PREFIX = "jdbc:postgresql:";
    static final String FORM = PREFIX + "//host[:port][,host...]/database[?parameter=value&...]";

    /** Also after semicolons, with which other databases' drivers separate parameters. */
    private static final Pattern USER = Pattern.compile("[?&;]user=");

    private ConnectionUrl() {}

    /** Throws {@link IllegalArgumentException} with a sentence for the user, if the URL cannot be used. */
    static void check(String url) {
        if (url.isEmpty()) {
            throw new IllegalArgumentException("It must not be empty. Use the form " + FORM + ".");
        }
        // Check for a misplaced password first: the user must know of that before anything else.
        checkCredentials(url);
        if (!url.startsWith(PREFIX)) {
            throw new IllegalArgumentException("It must start with " + PREFIX + " and have the form " + FORM + ".");
        }
        int question = url.indexOf('?');
        checkServer(url.substring(PREFIX.length(), question < 0 ? url.length() : question));
        if (question >= 0) {
            checkParameters(url.substring(question + 1));
        }
    }

    private static void checkCredentials(String url) {
        String lower = url.toLowerCase(Locale.ROOT);
        if (lower.contains("sslpassword=")) {
            throw new IllegalArgumentException("It must not contain a password, since URLs are displayed and logged."
                    + " Move sslpassword to " + ConnectionFragment.PROPERTIES_PREFIX + "sslpassword.");
        }
        if (lower.contains("password=")) {
            throw new IllegalArgumentException("It must not contain a password, since URLs are displayed and logged."
                    + " Use "
                    + ConnectionFragment.PASSWORD_CONFIG + ".");
        }
        if (USER.matcher(lower).find()) {
            throw new IllegalArgumentException(
                    "It must not contain the user. Use " + ConnectionFragment.USER_CONFIG + ".");
        }
        int question = url.indexOf('?');
        int at = url.indexOf('@');
        if (at >= 0 && (question < 0 || at < question)) {
            throw new IllegalArgumentException("It must not contain user and password before the host. Use "
                    + ConnectionFragment.USER_CONFIG + " and " + ConnectionFragment.PASSWORD_CONFIG
                    + ". (Write @ in a database name as %40.)");
        }
    }

    private static void checkServer(String server) {
        if (!server.startsWith("//")) {
            if (server.startsWith("/")) {
                throw new IllegalArgumentException(
                        "Two slashes must follow " + PREFIX + ". Use the form" + " " + FORM + ".");
            }
            checkEncoding(server);
            return;
        }
        if (server.equals("//") || server.equals("///")) {
            return;
        }
        int slash = server.indexOf('/', 2);
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "A slash and the database must follow the hosts. Use the form " + FORM + ".");
        }
        if (server.indexOf('/', slash + 1) >= 0) {
            throw new IllegalArgumentException(
                    "It has too many slashes. Use the form " + FORM + ". (Write / in a database name as %2F.)");
        }
        for (String host : server.substring(2, slash).split(",")) {
            checkPort(host);
        }
        checkEncoding(server.substring(slash + 1));
    }

    private static void checkPort(String host) {
        int colon = host.lastIndexOf(':');
        // The colons of an IPv6 address are in brackets.
        if (colon < 0 || host.lastIndexOf(']') > colon) {
            return;
        }
        String port = host.substring(colon + 1);
        boolean number = !port.isEmpty() && port.length() <= 5 && port.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!number || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65535) {
            throw new IllegalArgumentException("A port must be a number from 1 to 65535. Put an IPv6 address in"
                    + " brackets. Use the form " + FORM + ".");
        }
    }

    private static void checkParameters(String parameters) {
        for (String parameter : parameters.split("&")) {
            if (parameter.isEmpty()) {
                continue;
            }
            int equals = parameter.indexOf('=');
            if (equals >= 0) {
                checkEncoding(parameter.substring(equals + 1));
            }
            DriverProperties.problemInUrl(equals < 0 ? parameter : parameter.substring(0, equals))
                    .ifPresent(problem -> {
                        throw new IllegalArgumentException(problem);
                    });
        }
    }

    private static void checkEncoding(String text) {
        try {
            URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            // The exception's message quotes the URL.
            throw new IllegalArgumentException("Two hexadecimal digits must follow a %. Write % itself as %25.");
        }
    }
}
