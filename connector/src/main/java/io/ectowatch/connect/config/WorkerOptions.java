package io.ectowatch.connect.config;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the operator of a worker allows to users who create connectors on it. Each option is a system property of the
 * worker or, if that is absent, an environment variable; a connector's configuration cannot set it.
 */
public final class WorkerOptions {

    public static final String DRIVER_PROPERTIES = "ectowatch.allowed.driver.properties";
    public static final String INSTALL_DIRECTORY = "ectowatch.install.directory";

    private WorkerOptions() {}

    /** Additional allowed properties of the driver, by the driver's names. */
    static Set<String> driverProperties() {
        return value(DRIVER_PROPERTIES).stream()
                .flatMap(names -> Arrays.stream(names.split(",")))
                .map(String::strip)
                .collect(Collectors.toSet());
    }

    /** The directory below which {@code install.file} may be written; empty if files are not allowed. */
    public static Optional<Path> installDirectory() {
        return value(INSTALL_DIRECTORY).map(Path::of);
    }

    /** How the operator sets an option, for messages. */
    static String howToSet(String option) {
        return "the worker's system property " + option + " or its environment variable " + variable(option);
    }

    private static Optional<String> value(String option) {
        return Optional.ofNullable(System.getProperty(option))
                .or(() -> Optional.ofNullable(System.getenv(variable(option))))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    private static String variable(String option) {
        return option.toUpperCase(Locale.ROOT).replace('.', '_');
    }
}
