package io.ectowatch.it.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What Maven has laid out for the embedded stack, in the directory that {@code -Dstack.directory} names: {@code plugins}
 * with the unpacked connector, and {@code kafka.classpath}.
 */
final class BuildDirectory {

    private final Path path;

    BuildDirectory() {
        path = Path.of(System.getProperty("stack.directory", "target")).toAbsolutePath();
    }

    /** A directory under it, whether it exists or not. */
    Path resolve(String name) {
        return path.resolve(name);
    }

    /** The worker's {@code plugin.path}. */
    Path plugins() {
        return built("plugins");
    }

    /** The class path of broker and worker: Kafka and what it needs, and nothing of ours. */
    String kafkaClassPath() {
        try {
            return Files.readString(built("kafka.classpath")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new directory for one stack's data and logs. */
    Path newStackDirectory() {
        try {
            return Files.createTempDirectory(path, "stack-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path built(String name) {
        Path file = path.resolve(name);
        if (!Files.exists(file)) {
            throw new IllegalStateException(file + " is missing: run `mvn package` first");
        }
        return file;
    }
}
