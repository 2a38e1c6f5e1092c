package io.ectowatch.connect;

import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.InstallFragment;
import io.ectowatch.connect.config.Problem;
import io.ectowatch.connect.install.Preparation.Findings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;

/** The start of a connector that is only to write down what it would need in the database. */
final class Printing {

    private Printing() {}

    /** Writes the SQL to {@code install.file}, if that is set; returns what ends the start, and tells what to do next. */
    static ConnectException done(ConnectorConfig config) {
        Findings found = LiveValidation.findings(config);
        if (found.script().isEmpty()) {
            return new ConnectException(
                    found.problems().stream().map(Problem::text).collect(Collectors.joining(" ")));
        }
        if (config.install().file().isEmpty()) {
            return new ConnectException(InstallFragment.MODE_CONFIG + "=print starts nothing. The SQL is the value of "
                    + InstallFragment.SQL_KEY + " in the answer of a validation (PUT"
                    + " /connector-plugins/EctoWatchSourceConnector/config/validate), or set "
                    + InstallFragment.FILE_CONFIG + ". Have it run, then set " + InstallFragment.MODE_CONFIG
                    + "=verify.");
        }
        Path file = config.install().file().get();
        try {
            ScriptFile.write(file, found.script().get());
        } catch (IOException e) {
            return new ConnectException(InstallFragment.FILE_CONFIG + ": " + ScriptFile.explain(file, e), e);
        }
        return new ConnectException("The SQL for connector " + config.name() + " has been written to " + file
                + ". Have it run, then set " + InstallFragment.MODE_CONFIG + "=verify.");
    }
}
