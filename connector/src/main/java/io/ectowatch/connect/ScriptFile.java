package io.ectowatch.connect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.ectowatch.connect.config.WorkerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes the installation's SQL to a file of the worker: below the directory that its operator allows, wherever symbolic
 * links lead, and over nothing but an earlier script. Nobody but the worker's user can read it.
 */
final class ScriptFile {

    /** What any such script begins with. */
    private static final String BEGINNING = "-- EctoWatch for Kafka Connect";

    private ScriptFile() {}

    /** Throws with a sentence for the user, or with what the file system said: see {@link #explain}. */
    static void write(Path file, String sql) throws IOException {
        Path allowed = WorkerOptions.installDirectory()
                .orElseThrow(() -> new NotAllowedException("This worker does not allow the connector to write files."))
                .toRealPath();
        Path directory = file.getParent().toRealPath();
        if (!directory.startsWith(allowed)) {
            throw new NotAllowedException(
                    file + " is not below " + allowed + ", the directory that the worker's operator allows.");
        }
        Path target = directory.resolve(file.getFileName());
        boolean replaces = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
        if (replaces && !isScript(target)) {
            throw new NotAllowedException(
                    file + " already exists and was not written by this connector. Choose another file.");
        }
        // Is made for its owner alone, and has all of the text before it has the name.
        Path complete = Files.createTempFile(directory, "ectowatch", ".tmp");
        try {
            Files.writeString(complete, sql);
            if (!replaces) {
                // Fails if it has come into being meanwhile.
                Files.createFile(target);
            }
            Files.move(complete, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(complete);
        }
    }

    /** What went wrong, without the names of classes. */
    static String explain(Path file, IOException e) {
        if (e instanceof NotAllowedException) {
            return e.getMessage();
        }
        String reason = e instanceof NoSuchFileException
                ? "there is no directory " + e.getMessage()
                : e instanceof FileAlreadyExistsException ? e.getMessage() + " already exists" : e.getMessage();
        return "The SQL could not be written to " + file + ": " + reason + ".";
    }

    private static boolean isScript(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (BufferedReader text = Files.newBufferedReader(file, ISO_8859_1)) {
            char[] first = new char[BEGINNING.length()];
            return text.read(first) == first.length && BEGINNING.equals(new String(first));
        }
    }

    private static final class NotAllowedException extends IOException {
        private static final long serialVersionUID = 1L;

        NotAllowedException(String message) {
            super(message);
        }
    }
}
