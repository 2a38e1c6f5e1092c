package io.ectowatch.connect.admin;

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
 * Writes the SQL for the installation to a file on the worker: only below the directory that its operator allows,
 * after resolving symbolic links, and only over an earlier script. Only the worker's user can read it.
 */
final class ScriptFile {

    /** The beginning of every such script. */
    private static final String BEGINNING = "-- EctoWatch for Kafka Connect";

    private ScriptFile() {}

    /** Throws with a sentence for the user, or with the file system's message: see {@link #explain}. */
    static void write(Path file, String sql) throws IOException {
        Path allowed = WorkerOptions.installDirectory()
                .orElseThrow(() -> new NotAllowedException("This worker does not allow the connector to write files."))
                .toRealPath();
        Path parent = file.getParent();
        if (parent == null) {
            throw new NotAllowedException(file + " is not a file.");
        }
        Path directory = parent.toRealPath();
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
        // The file is created for its owner only, and has its whole content before it gets its name.
        Path complete = Files.createTempFile(directory, "ectowatch", ".tmp");
        try {
            Files.writeString(complete, sql);
            if (!replaces) {
                // Fails if another process has created the file meanwhile.
                Files.createFile(target);
            }
            Files.move(complete, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(complete);
        }
    }

    /** The reason of the failure, without class names. */
    static String explain(Path file, IOException e) {
        if (e instanceof NotAllowedException) {
            return String.valueOf(e.getMessage());
        }
        String reason = e instanceof NoSuchFileException
                ? "the directory " + e.getMessage() + " does not exist"
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
