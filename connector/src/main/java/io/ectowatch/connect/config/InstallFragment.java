package io.ectowatch.connect.config;

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

/** The settings that tell how what the connector needs comes into the database. */
public final class InstallFragment {

    public static final String MODE_CONFIG = "install.mode";
    static final String MODE_DOC =
            "Who brings triggers, functions and journal into the database. apply: the connector does, and keeps them as they"
                    + " have to be. verify: somebody else has; the connector starts only if all is as it has to be, and"
                    + " changes nothing. print: somebody else will; the SQL for that is the value of install.sql in the answer"
                    + " of a validation, and is written to install.file; the connector itself does not start.";

    public static final String FILE_CONFIG = "install.file";
    static final String FILE_DOC =
            "With install.mode=print, the file of the worker to which a start writes the SQL. It must be below the directory"
                    + " that the worker's operator names with "
                    + WorkerOptions.howToSet(WorkerOptions.INSTALL_DIRECTORY)
                    + "; without that, no file is written, and the SQL is in the answer of a validation. Only a file that"
                    + " the connector has written before is replaced.";

    /** The key under which a validation's answer has the SQL. It is no setting. */
    public static final String SQL_KEY = "install.sql";

    public static final String MUTE_ALLOWED_CONFIG = "mute.allowed";
    static final String MUTE_ALLOWED_DOC =
            "Whether a transaction may keep its changes from being reported, by SET LOCAL ectowatch.mute = 'on'. Any role"
                    + " may do that which may write to the tables.";

    public static final String CLEANUP_CONFIG = "cleanup";
    static final String CLEANUP_DOC =
            "Whether to remove from database.schema what connectors have left that are no more, or have another name now:"
                    + " those without a session whose lease is over, which is three days after they were last at work, or"
                    + " journal.lease.ms. They are listed in the log in any case.";

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
                        Rule.of(String.class, String.join(", ", InstallMode.names()), InstallFragment::parseMode),
                        Importance.MEDIUM,
                        MODE_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Installation",
                        new Choices(InstallMode.names()))
                .define(
                        FILE_CONFIG,
                        Type.STRING,
                        null,
                        Rule.of(String.class, "a path", InstallFragment::checkFile),
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
                        "Clean up leftovers");
    }

    /** What does not go together. */
    static List<Problem> problems(Map<String, String> settings) {
        String mode = settings.getOrDefault(MODE_CONFIG, InstallMode.APPLY.text());
        boolean cleanup = "true"
                .equalsIgnoreCase(settings.getOrDefault(CLEANUP_CONFIG, "").strip());
        return cleanup
                        && InstallMode.of(mode.strip())
                                .filter(given -> given != InstallMode.APPLY)
                                .isPresent()
                ? List.of(new Problem(
                        CLEANUP_CONFIG,
                        "With " + MODE_CONFIG + "=" + mode
                                + " the connector changes nothing in the database: leave this"
                                + " out. The log tells how to remove what others have left."))
                : List.of();
    }

    private static InstallMode parseMode(String text) {
        return InstallMode.of(text)
                .orElseThrow(() -> new IllegalArgumentException("There is no install mode " + text + "."
                        + SpellingSuggestion.hint(text, InstallMode.names()) + " Valid is "
                        + String.join(", ", InstallMode.names()) + "."));
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
                        "This worker does not allow the connector to write files. Remove this setting and take the SQL from"
                                + " a validation (PUT /connector-plugins/EctoWatchSourceConnector/config/validate, key "
                                + SQL_KEY + "). To allow a directory, the worker's operator sets "
                                + WorkerOptions.howToSet(WorkerOptions.INSTALL_DIRECTORY) + "."));
        // Symbolic links are followed when the file is written, and the result is checked again.
        if (!path.normalize().startsWith(directory.normalize())) {
            throw new IllegalArgumentException(
                    "It must be below " + directory + ", the directory that the worker's" + " operator allows.");
        }
    }

    public InstallMode mode() {
        return parseMode(config.getString(MODE_CONFIG));
    }

    /** Where to write the SQL, if it is to be written. */
    public Optional<Path> file() {
        return Optional.ofNullable(config.getString(FILE_CONFIG)).map(Path::of);
    }

    /** Whether to remove what connectors that are no more have left. */
    public boolean cleanup() {
        return config.getBoolean(CLEANUP_CONFIG);
    }

    /** Whether transactions may mute their changes. */
    public boolean muteAllowed() {
        return config.getBoolean(MUTE_ALLOWED_CONFIG);
    }
}
