package io.ectowatch.connect.config;

import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.config.validation.Validators;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.types.Password;

/** The settings for the connection to the database. */
public final class ConnectionFragment {

    /** How all settings of the connection begin. */
    static final String PREFIX = "connection.";

    public static final String URL_CONFIG = "connection.url";
    static final String URL_DOC = "The database to connect to, as a URL of the PostgreSQL JDBC driver: "
            + ConnectionUrl.FORM + ". To follow a failover, list all hosts and add targetServerType=primary. The URL"
            + " may contain the parameters that connection.properties.* allows, except sslpassword, since URLs are"
            + " displayed and logged.";

    public static final String USER_CONFIG = "connection.user";
    static final String USER_DOC =
            "The role to log in as. Without it the driver uses the name of the worker's" + " operating system user.";

    public static final String PASSWORD_CONFIG = "connection.password";
    static final String PASSWORD_DOC = "The password of connection.user. Preferably a reference to a config provider,"
            + " such as ${file:/secrets/pg.properties:password}, so that Connect never stores it. Not needed if the"
            + " role logs in without a password (client certificate, .pgpass file).";

    public static final String ROLE_CONFIG = "connection.role";
    static final String ROLE_DOC =
            "A role for SET ROLE in every session after connecting. This role then owns the connector's"
                    + " objects and needs the privileges. connection.user must be a member of it. Use it with"
                    + " logins that change, such as those of a secrets engine: the next login uses the same objects.";

    public static final String TIMEOUT_CONFIG = "connection.timeout.ms";
    public static final int TIMEOUT_DEFAULT = 10_000;
    static final String TIMEOUT_DOC = "The time limit for connecting, and for each single answer of the"
            + " database, in milliseconds. After that the connection is closed and opened again.";

    public static final String PROPERTIES_PREFIX = "connection.properties.";

    /** For the documentation: a prefix cannot be defined in a {@link ConfigDef}. */
    public static final String PROPERTIES_DOC = "A prefix for properties of the PostgreSQL JDBC driver:"
            + " connection.properties.sslmode=verify-full sets sslmode. A value in connection.url takes"
            + " precedence. Allowed: " + String.join(", ", DriverProperties.ALLOWED) + ". All others are rejected,"
            + " since they load classes, use files or credentials of the worker, or change how the driver runs"
            + " statements. Only the worker's operator can allow them, with "
            + WorkerOptions.howToSet(WorkerOptions.DRIVER_PROPERTIES) + " (names separated by commas).";

    private static final String GROUP = "Connection";

    /** The settings whose choices are read from the database. */
    private static final List<String> READ = List.of(WatchFragment.TABLES_CONFIG, DeliveryFragment.SCHEMA_CONFIG);

    private static final List<String> READ_AND_ROLE =
            Stream.concat(Stream.of(ROLE_CONFIG), READ.stream()).toList();

    /** PostgreSQL truncates longer names. */
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
                        Validators.of(String.class, ConnectionUrl.FORM, ConnectionUrl::check),
                        Importance.HIGH,
                        URL_DOC,
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Database URL",
                        READ_AND_ROLE)
                .define(
                        USER_CONFIG,
                        Type.STRING,
                        null,
                        Importance.HIGH,
                        USER_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "User",
                        READ_AND_ROLE)
                .define(
                        PASSWORD_CONFIG,
                        Type.PASSWORD,
                        null,
                        Importance.HIGH,
                        PASSWORD_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Password",
                        READ_AND_ROLE)
                .define(
                        ROLE_CONFIG,
                        Type.STRING,
                        null,
                        Validators.of(String.class, "a role's name", ConnectionFragment::checkRole),
                        Importance.LOW,
                        ROLE_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Role",
                        READ)
                .define(
                        TIMEOUT_CONFIG,
                        Type.INT,
                        TIMEOUT_DEFAULT,
                        Validators.between(1_000, 60_000),
                        Importance.LOW,
                        TIMEOUT_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Timeout (ms)");
    }

    /** For these names SET ROLE would use another role, without an error. */
    private static void checkRole(String role) {
        if (role.equalsIgnoreCase("none")) {
            throw new IllegalArgumentException("A role cannot have this name. Remove the setting.");
        }
        if (role.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES || role.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("It must be a role's name: at most " + NAME_BYTES + " bytes.");
        }
    }

    /** Problems of the driver's settings, which are not in any {@link ConfigDef}. */
    static List<ConfigProblem> problems(Map<String, String> settings) {
        List<ConfigProblem> problems = new ArrayList<>();
        driverProperties(settings).keySet().forEach(name -> {
            String setting = PROPERTIES_PREFIX + name;
            if (name.isBlank()) {
                problems.add(new ConfigProblem(setting, "The name of a driver property must follow the last dot."));
            } else {
                DriverProperties.problem(name).ifPresent(problem -> problems.add(new ConfigProblem(setting, problem)));
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

    /** A PGJDBC URL without user and password. */
    public String url() {
        return config.getString(URL_CONFIG);
    }

    /** The role to log in as; empty to leave it to the driver. */
    public Optional<String> user() {
        return Optional.ofNullable(config.getString(USER_CONFIG)).filter(user -> !user.isEmpty());
    }

    /** The password, in a wrapper that never prints it; empty if none is set. */
    public Optional<Password> password() {
        return Optional.ofNullable(config.getPassword(PASSWORD_CONFIG))
                .filter(password -> !password.value().isEmpty());
    }

    /** The role for {@code SET ROLE} in every session; empty for none. */
    public Optional<String> role() {
        return Optional.ofNullable(config.getString(ROLE_CONFIG)).filter(role -> !role.isEmpty());
    }

    /** The time limit for connecting and for each single answer, in milliseconds. */
    public int timeoutMs() {
        return config.getInt(TIMEOUT_CONFIG);
    }

    /** Further properties for the driver, by the driver's names; may contain secrets ({@code sslpassword}). */
    public Map<String, String> properties() {
        return Map.copyOf(driverProperties(config.originals()));
    }
}
