package io.ectowatch.connect.config;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.types.Password;

/** The settings that tell where the database is and how to get in. */
public final class ConnectionFragment {

    public static final String URL_CONFIG = "connection.url";
    static final String URL_DOC = "Where the database is, as a URL of the PostgreSQL JDBC driver: "
            + ConnectionUrl.FORM + ". Several hosts with targetServerType=primary follow a failover. It may hold the"
            + " parameters that connection.properties.* allows, except sslpassword: URLs are shown and logged.";

    public static final String USER_CONFIG = "connection.user";
    static final String USER_DOC = "The role to connect as. Without it the driver takes the name of the operating"
            + " system's user that runs the worker.";

    public static final String PASSWORD_CONFIG = "connection.password";
    static final String PASSWORD_DOC = "The role's password. Best given as a reference to a config provider, such as"
            + " ${file:/secrets/pg.properties:password}, so that Connect never stores it. Leave it out where the role"
            + " gets in without one (a client certificate, a .pgpass file).";

    public static final String ROLE_CONFIG = "connection.role";
    static final String ROLE_DOC =
            "A role that every session takes on after connecting (SET ROLE). The connector's objects"
                    + " then belong to that role, and privileges are asked of it. connection.user has to be a member of it. For"
                    + " logins that change, such as those of a secrets engine: the next login goes on with what this role owns.";

    public static final String TIMEOUT_CONFIG = "connection.timeout.ms";
    public static final int TIMEOUT_DEFAULT = 10_000;
    static final String TIMEOUT_DOC = "How long connecting may take at most, and how long any single answer of the"
            + " database may, in milliseconds. A connection that stays silent for longer is given up and opened anew.";

    public static final String PROPERTIES_PREFIX = "connection.properties.";

    /** For the documentation: a prefix cannot be defined in a {@link ConfigDef}. */
    public static final String PROPERTIES_DOC = "With the name of a property of the PostgreSQL JDBC driver behind it,"
            + " sets that property: connection.properties.sslmode=verify-full. What connection.url sets as well is taken"
            + " from there. Allowed: " + String.join(", ", DriverProperties.ALLOWED) + ". The others are refused, since"
            + " they load classes, use files or credentials of the worker, or change how the driver runs statements;"
            + " only the worker's operator can allow them, with "
            + WorkerOptions.howToSet(WorkerOptions.DRIVER_PROPERTIES) + " (names separated by commas).";

    private static final String GROUP = "Connection";

    /** PostgreSQL cuts longer names off. */
    private static final int NAME_BYTES = 63;

    private final AbstractConfig config;

    ConnectionFragment(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef definition) {
        int order = 0;
        definition
                .define(
                        URL_CONFIG,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        Rule.of(String.class, ConnectionUrl.FORM, ConnectionUrl::check),
                        Importance.HIGH,
                        URL_DOC,
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Database URL")
                .define(USER_CONFIG, Type.STRING, null, Importance.HIGH, USER_DOC, GROUP, ++order, Width.MEDIUM, "User")
                .define(
                        PASSWORD_CONFIG,
                        Type.PASSWORD,
                        null,
                        Importance.HIGH,
                        PASSWORD_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Password")
                .define(
                        ROLE_CONFIG,
                        Type.STRING,
                        null,
                        Rule.of(String.class, "a role's name", ConnectionFragment::checkRole),
                        Importance.LOW,
                        ROLE_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Role")
                .define(
                        TIMEOUT_CONFIG,
                        Type.INT,
                        TIMEOUT_DEFAULT,
                        Rule.between(1_000, 60_000),
                        Importance.LOW,
                        TIMEOUT_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Timeout (ms)");
    }

    /** SET ROLE would take another role, without an error, for these. */
    private static void checkRole(String role) {
        if (role.equalsIgnoreCase("none")) {
            throw new IllegalArgumentException("No role can have this name. Leave the setting out.");
        }
        if (role.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES || role.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("It must be a role's name: at most " + NAME_BYTES + " bytes.");
        }
    }

    /** What is wrong with the settings that no {@link ConfigDef} knows: those of the driver. */
    static List<Problem> problems(Map<String, String> settings) {
        List<Problem> problems = new ArrayList<>();
        driverProperties(settings).keySet().forEach(name -> {
            String setting = PROPERTIES_PREFIX + name;
            if (name.isBlank()) {
                problems.add(new Problem(setting, "The name of a driver's property must follow the last dot."));
            } else {
                DriverProperties.problem(name).ifPresent(problem -> problems.add(new Problem(setting, problem)));
            }
        });
        return problems;
    }

    private static Map<String, String> driverProperties(Map<String, ?> settings) {
        Map<String, String> properties = new TreeMap<>();
        settings.forEach((key, value) -> {
            if (key.startsWith(PROPERTIES_PREFIX)) {
                properties.put(key.substring(PROPERTIES_PREFIX.length()), value.toString());
            }
        });
        return properties;
    }

    /** A PGJDBC URL that holds neither user nor password. */
    public String url() {
        return config.getString(URL_CONFIG);
    }

    /** The role; empty when that is left to the driver. */
    public Optional<String> user() {
        return Optional.ofNullable(config.getString(USER_CONFIG)).filter(user -> !user.isEmpty());
    }

    /** The password, in the wrapping that never prints it; empty when none is given. */
    public Optional<Password> password() {
        return Optional.ofNullable(config.getPassword(PASSWORD_CONFIG))
                .filter(password -> !password.value().isEmpty());
    }

    /** The role that every session takes on; empty when it stays what it is. */
    public Optional<String> role() {
        return Optional.ofNullable(config.getString(ROLE_CONFIG)).filter(role -> !role.isEmpty());
    }

    /** The bound on connecting and on waiting for any single answer, in milliseconds. */
    public int timeoutMs() {
        return config.getInt(TIMEOUT_CONFIG);
    }

    /** Further properties for the driver, by the driver's names; may hold secrets ({@code sslpassword}). */
    public Map<String, String> properties() {
        return Map.copyOf(driverProperties(config.originals()));
    }
}
