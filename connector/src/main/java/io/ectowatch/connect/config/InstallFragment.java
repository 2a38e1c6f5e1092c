package io.ectowatch.connect.config;

import io.ectowatch.connect.config.names.SpellingSuggestion;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.config.validation.FixedSetRecommender;
import io.ectowatch.connect.config.validation.Validators;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings for the installation in the database. */
public final class InstallFragment {

    public static final String MODE_CONFIG = "install.mode";
    static final String MODE_DOC =
            "Who installs triggers, functions and journal in the database. apply: the connector installs them and"
                    + " repairs them. verify: another role has installed them. The connector changes nothing, and"
                    + " watches only tables for which everything is correct. print: another role will install them. The response to a"
                    + " validation contains the SQL as install.sql, and a start writes it to install.file; the"
                    + " connector itself does not start.";

    public static final String FILE_CONFIG = "install.file";
    static final String FILE_DOC =
            "With install.mode=print, a start writes the SQL to this file on the worker. The file must be below the"
                    + " directory that the worker's operator sets with "
                    + WorkerOptions.howToSet(WorkerOptions.INSTALL_DIRECTORY)
                    + ". Without that no file is written; get the SQL from the response to a validation. Only a file"
                    + " that the connector wrote before is replaced.";

    /** The key of the SQL in the response to a validation. A value in a configuration has no effect. */
    public static final String SQL_KEY = "install.sql";

    static final String SQL_DOC =
            "Not to be set: with install.mode=print, the response to a validation has the SQL here.";

    public static final String MUTE_ALLOWED_CONFIG = "mute.allowed";
    static final String MUTE_ALLOWED_DOC =
            "Whether a transaction may suppress its changes with SET LOCAL ectowatch.mute = 'on'. Any role"
                    + " that may write to the tables may do that.";

    public static final String CLEANUP_CONFIG = "cleanup";
    static final String CLEANUP_DOC =
            "Whether to remove orphaned objects from database.schema: those of connectors that were deleted or renamed,"
                    + " that have no session and whose lease has expired (three days after they last ran, or"
                    + " journal.lease.ms). The log lists orphaned objects in any case.";

    private static final String GROUP = "Installation";

    private final AbstractConfig config;

    InstallFragment(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef definition) {
        int order = 0;
        definition
                .define(
                        MODE_CONFIG,
                        Type.STRING,
                        InstallMode.APPLY.text(),
                        Validators.of(String.class, String.join(", ", InstallMode.names()), InstallFragment::parseMode),
                        Importance.MEDIUM,
                        MODE_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Installation",
                        List.of(FILE_CONFIG, CLEANUP_CONFIG),
                        new FixedSetRecommender(InstallMode.names()))
                .define(
                        FILE_CONFIG,
                        Type.STRING,
                        null,
                        Validators.of(String.class, "a path", InstallFragment::checkFile),
                        Importance.LOW,
                        FILE_DOC,
                        GROUP,
                        ++order,
                        Width.LONG,
                        "File for the SQL")
                .define(
                        MUTE_ALLOWED_CONFIG,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        MUTE_ALLOWED_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Muting allowed")
                .define(
                        CLEANUP_CONFIG,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        CLEANUP_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Clean up orphaned objects")
                .define(SQL_KEY, Type.STRING, null, Importance.LOW, SQL_DOC, GROUP, ++order, Width.LONG, "The SQL");
    }

    /** Problems of settings that are valid by themselves, but not together. */
    static List<ConfigProblem> problems(Map<String, String> settings) {
        String mode = settings.getOrDefault(MODE_CONFIG, InstallMode.APPLY.text());
        boolean cleanup = "true"
                .equalsIgnoreCase(settings.getOrDefault(CLEANUP_CONFIG, "").strip());
        return cleanup
                        && InstallMode.of(mode.strip())
                                .filter(given -> given != InstallMode.APPLY)
                                .isPresent()
                ? List.of(new ConfigProblem(
                        CLEANUP_CONFIG,
                        "With " + MODE_CONFIG + "=" + mode
                                + " the connector changes nothing in the database. Remove this"
                                + " setting. The log says how to remove orphaned objects."))
                : List.of();
    }

    private static InstallMode parseMode(String text) {
        return InstallMode.of(text)
                .orElseThrow(
                        () -> new IllegalArgumentException("It must be one of " + String.join(", ", InstallMode.names())
                                + "." + SpellingSuggestion.hint(text, InstallMode.names())));
    }

    private static void checkFile(String text) {
        Path path;
        try {
            path = Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("It is not a valid path: " + e.getReason() + ".", e);
        }
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("It must be an absolute path.");
        }
        Path directory = WorkerOptions.installDirectory()
                .orElseThrow(() -> new IllegalArgumentException(
                        "This worker does not allow the connector to write files. Remove this setting and get the SQL"
                                + " from a validation (PUT"
                                + " /connector-plugins/EctoWatchSourceConnector/config/validate, key "
                                + SQL_KEY + "). To allow a directory, the worker's operator sets "
                                + WorkerOptions.howToSet(WorkerOptions.INSTALL_DIRECTORY) + "."));
        // Symbolic links are resolved when the file is written, and the result is checked again.
        if (!path.normalize().startsWith(directory.normalize())) {
            throw new IllegalArgumentException(
                    "It must be below " + directory + ", the directory that the worker's operator allows.");
        }
    }

    public InstallMode mode() {
        return parseMode(config.getString(MODE_CONFIG));
    }

    /** The file for the SQL, if one is set. */
    public Optional<Path> file() {
        return Optional.ofNullable(config.getString(FILE_CONFIG)).map(Path::of);
    }

    /** Whether to remove orphaned objects of other connectors. */
    public boolean cleanup() {
        return config.getBoolean(CLEANUP_CONFIG);
    }

    /** Whether transactions may mute their changes. */
    public boolean muteAllowed() {
        return config.getBoolean(MUTE_ALLOWED_CONFIG);
    }
}
