package io.ectowatch.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directory {@code -Dstack.directory}, in which Maven builds what a stack needs: {@code plugins}, which has the
 * unpacked connector, and {@code kafka.classpath}. {@code -Dstack.plugins} selects another directory of plugins, {@code
 * -Dstack.more.plugins} adds one.
 */
public final class BuildDirectory {

    private final Path path;

    public BuildDirectory() {
        path = Path.of(System.getProperty("stack.directory", "target"))
                .toAbsolutePath()
                .normalize();
    }

    /** A path below this directory. It need not exist. */
    public Path resolve(String name) {
        return path.resolve(name);
    }

    /** The directory of plugins that has the connector. */
    public Path plugins() {
        return built(System.getProperty("stack.plugins", "plugins"));
    }

    /** The worker's {@code plugin.path}. */
    public String pluginPath() {
        String more = System.getProperty("stack.more.plugins", "");
        return more.isEmpty() ? plugins().toString() : plugins() + "," + built(more);
    }

    /** The class path of broker and worker: Kafka and its dependencies, without classes of this project. */
    public String kafkaClassPath() {
        try {
            return Files.readString(built("kafka.classpath")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates a directory for the data and logs of one stack. */
    public Path newStackDirectory() {
        try {
            return Files.createTempDirectory(path, "stack-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The root of the repository, which has {@code docker/} and {@code config-examples/}. */
    public Path repository() {
        Path directory = path;
        while (directory != null && !Files.exists(directory.resolve("docker/compose.yaml"))) {
            directory = directory.getParent();
        }
        if (directory == null) {
            throw new IllegalStateException("no parent directory of " + path + " has docker/compose.yaml");
        }
        return directory;
    }

    private Path built(String name) {
        Path file = path.resolve(name);
        if (!Files.exists(file)) {
            throw new IllegalStateException(file + " does not exist: run `mvn package` first");
        }
        return file;
    }
}
