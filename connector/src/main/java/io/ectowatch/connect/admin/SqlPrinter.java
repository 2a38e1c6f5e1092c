package io.ectowatch.connect.admin;

import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.InstallFragment;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.install.Provisioner.Findings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;

/** The start of a connector that only writes the SQL for its installation. */
public final class SqlPrinter {

    private SqlPrinter() {}

    /**
     * Writes the SQL to {@code install.file}, if set; returns the exception that ends the start and says what to do
     * next.
     */
    public static ConnectException done(ConnectorConfig config) {
        Findings found = DatabaseValidator.findings(config);
        if (found.script().isEmpty()) {
            return new ConnectException(
                    found.problems().stream().map(ConfigProblem::text).collect(Collectors.joining(" ")));
        }
        if (config.install().file().isEmpty()) {
            return new ConnectException(InstallFragment.MODE_CONFIG + "=print does not start the connector. Get the"
                    + " SQL from the value of "
                    + InstallFragment.SQL_KEY + " in the response to a validation (PUT"
                    + " /connector-plugins/EctoWatchSourceConnector/config/validate), or set "
                    + InstallFragment.FILE_CONFIG + ". Run it, then set " + InstallFragment.MODE_CONFIG
                    + "=verify.");
        }
        Path file = config.install().file().get();
        try {
            ScriptFile.write(file, found.script().get());
        } catch (IOException e) {
            return new ConnectException(InstallFragment.FILE_CONFIG + ": " + ScriptFile.explain(file, e), e);
        }
        return new ConnectException("The SQL for connector " + config.name() + " was written to " + file
                + ". Run it, then set " + InstallFragment.MODE_CONFIG + "=verify.");
    }
}
