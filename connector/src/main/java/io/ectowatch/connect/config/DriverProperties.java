package io.ectowatch.connect.config;

import io.ectowatch.connect.config.names.SpellingSuggestion;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.postgresql.PGProperty;

/**
 * The properties of the PostgreSQL driver that a connector may set. The default is no: some of them load classes,
 * read or write files of the worker or use its credentials. Others change how the driver runs statements, on which
 * the connector relies. Every property of the driver is in exactly one of the lists; a test checks that.
 */
final class DriverProperties {

    /** A test uses each of them with a server, in both deliveries. */
    static final List<String> ALLOWED = List.of(
            "sslmode",
            "sslrootcert",
            "sslcert",
            "sslkey",
            "sslpassword",
            "ssl",
            "sslNegotiation",
            "sslResponseTimeout",
            "pemKeyAlgorithm",
            "channelBinding",
            "requireAuth",
            "scramMaxIterations",
            "gssEncMode",
            "gssResponseTimeout",
            "targetServerType",
            "hostRecheckSeconds",
            "loadBalanceHosts",
            "tcpKeepAlive",
            "tcpNoDelay",
            "sendBufferSize",
            "receiveBufferSize",
            "cancelSignalTimeout",
            "prepareThreshold",
            "logServerErrorDetail",
            "options");

    private static final Map<String, String> OWN_SETTING = Map.of(
            "user", ConnectionFragment.USER_CONFIG,
            "password", ConnectionFragment.PASSWORD_CONFIG,
            "connecttimeout", ConnectionFragment.TIMEOUT_CONFIG,
            "sockettimeout", ConnectionFragment.TIMEOUT_CONFIG,
            "logintimeout", ConnectionFragment.TIMEOUT_CONFIG,
            "querytimeout", ConnectionFragment.TIMEOUT_CONFIG);

    private static final List<String> IN_URL_ONLY = List.of("pghost", "pgport", "pgdbname", "host", "port", "dbname");

    private static final String LOADS_CODE = "loads a class or passes a value to it";
    private static final String USES_FILES = "reads or writes files of the worker";
    private static final String USES_CREDENTIALS = "uses credentials or a network address of the worker";
    private static final String CHANGES_STATEMENTS =
            "changes how the driver runs statements, and the connector relies on the default";

    /** By the names in lower case, so that another spelling gives the same result. */
    static final Map<String, List<String>> REFUSED = Map.of(
            LOADS_CODE,
            List.of(
                    "classloaderstrategy",
                    "connectexecutor",
                    "connectexecutorarg",
                    "socketfactory",
                    "socketfactoryarg",
                    "sslfactory",
                    "sslfactoryarg",
                    "sslhostnameverifier",
                    "sslpasswordcallback",
                    "authenticationpluginclassname",
                    "xmlfactoryfactory"),
            USES_FILES,
            List.of("loggerfile", "loggerlevel", "service"),
            USES_CREDENTIALS,
            List.of(
                    "gsslib",
                    "gssusedefaultcreds",
                    "jaasapplicationname",
                    "jaaslogin",
                    "kerberosservername",
                    "localsocketaddress",
                    "sspiserviceclass",
                    "usespnego"),
            CHANGES_STATEMENTS,
            List.of(
                    "adaptivefetch",
                    "adaptivefetchmaximum",
                    "adaptivefetchminimum",
                    "allowencodingchanges",
                    "applicationname",
                    "assumeminserverversion",
                    "autosave",
                    "binarytransfer",
                    "binarytransferdisable",
                    "binarytransferenable",
                    "cleanupsavepoints",
                    "convertbooleantonumeric",
                    "currentschema",
                    "databasemetadatacachefields",
                    "databasemetadatacachefieldsmib",
                    "defaultrowfetchsize",
                    "disablecolumnsanitiser",
                    "escapesyntaxcallmode",
                    "flushcacheonddl",
                    "groupstartupparameters",
                    "hideunprivilegedobjects",
                    "logunclosedconnections",
                    "maxresultbuffer",
                    "maxsendbuffersize",
                    "preferquerymode",
                    "preparedstatementcachequeries",
                    "preparedstatementcachesizemib",
                    "protocolversion",
                    "quotereturningidentifiers",
                    "readonly",
                    "readonlymode",
                    "replication",
                    "rewritebatchedinserts",
                    "rewritebatchedinsertssize",
                    "stringtype",
                    "unknownlength"));

    private static final List<String> KNOWN = Stream.concat(
                    ALLOWED.stream(), Arrays.stream(PGProperty.values()).map(PGProperty::getName))
            .distinct()
            .toList();

    private DriverProperties() {}

    /** The problem of a property of that name outside the URL, as a sentence for the user. */
    static Optional<String> problem(String name) {
        if (IN_URL_ONLY.contains(name.toLowerCase(Locale.ROOT))) {
            return Optional.of("Set the server and the database in " + ConnectionFragment.URL_CONFIG + ".");
        }
        return problemOfOption(name);
    }

    /**
     * The problem of a parameter of that name in the URL, as a sentence for the user. The driver does not decode
     * names there, so it does not know {@code socket%46actory}.
     */
    static Optional<String> problemInUrl(String name) {
        return IN_URL_ONLY.contains(name.toLowerCase(Locale.ROOT)) ? Optional.empty() : problemOfOption(name);
    }

    private static Optional<String> problemOfOption(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        String own = OWN_SETTING.get(lower);
        if (own != null) {
            return Optional.of("The driver's " + name + " is set by " + own + ". Use that setting.");
        }
        if (ALLOWED.contains(name) || WorkerOptions.driverProperties().contains(name)) {
            return Optional.empty();
        }
        return Optional.of(REFUSED.entrySet().stream()
                .filter(refused -> refused.getValue().contains(lower))
                .findFirst()
                .map(refused -> refused(name, refused.getKey()))
                .orElseGet(() -> unknown(name)));
    }

    private static String refused(String name, String reason) {
        return "The driver property " + name + " is not allowed on this worker, because it " + reason
                + ". Remove it. If it is needed, the worker's operator can allow it with "
                + WorkerOptions.howToSet(WorkerOptions.DRIVER_PROPERTIES) + ".";
    }

    /** The driver ignores unknown properties, and a misspelt sslmode would leave the connection unprotected. */
    private static String unknown(String name) {
        return SpellingSuggestion.within(Math.min(2, name.length() / 3), name, KNOWN)
                .map(close -> "The driver has no property " + name + ". Did you mean " + close + "?")
                .orElse("The driver has no property of this name. Remove it. If your own class reads it, the"
                        + " worker's operator can allow it with "
                        + WorkerOptions.howToSet(WorkerOptions.DRIVER_PROPERTIES) + ".");
    }
}
