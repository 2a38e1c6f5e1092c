package io.ectowatch.it.database;

import static org.junit.jupiter.api.Assumptions.abort;

import io.ectowatch.testkit.embedded.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Programs that {@code integration-tests/debian.sh} has unpacked. Without them, tests that ask for one are skipped. */
final class DebianPrograms {

    private static final Path ROOT = Path.of("target/debian").toAbsolutePath();

    private DebianPrograms() {}

    /** The directory above {@code bin} of this version of PostgreSQL. */
    static Path postgres(int version) {
        return unpacked("usr/lib/postgresql/" + version);
    }

    /**
     * Server 17.11 from Maven Central, which has only server programs, with the programs of Debian that {@code pg_upgrade} runs on
     * the old data. Debian's own server 17.12 cannot be upgraded to 18.6: its dump for {@code pg_upgrade} has the column option
     * {@code pg_attver}, which 18.6 does not know.
     *
     * @param directory a new directory, for the programs
     */
    static Path postgres17BeforeUpgrade(Path directory) throws IOException, InterruptedException {
        Path debian = postgres(17);
        Path archives = Path.of("target/postgresql-17").toAbsolutePath();
        if (!Files.exists(archives)) {
            return abort(archives + " does not exist: use the Maven profile database");
        }
        Files.createDirectory(directory);
        try (Stream<Path> archive = Files.list(archives)) {
            String file = archive.filter(path -> path.toString().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow()
                    .toString();
            int status = new ProcessBuilder("tar", "-xJf", file, "-C", directory.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IOException("tar could not unpack " + file);
            }
        }
        for (String program : List.of("pg_controldata", "pg_resetwal", "pg_checksums")) {
            Files.copy(
                    debian.resolve("bin").resolve(program),
                    directory.resolve("bin").resolve(program),
                    StandardCopyOption.COPY_ATTRIBUTES);
        }
        return directory;
    }

    /** The path of a program or directory, given relative to the root of the packages. */
    static Path unpacked(String path) {
        Path unpacked = ROOT.resolve(path);
        return Files.exists(unpacked) && Files.exists(ROOT.resolve("complete"))
                ? unpacked
                : abort(unpacked + " does not exist: run integration-tests/debian.sh, which needs apt-get");
    }

    /** The variables with which {@code usr/bin/python3} finds its modules. */
    static Map<String, String> pythonEnvironment() {
        return Map.of(
                "PYTHONHOME", unpacked("usr").toString(),
                "PYTHONPATH", unpacked("usr/lib/python3/dist-packages").toString(),
                "PYTHONDONTWRITEBYTECODE", "1");
    }

    /** Creates a new directory for data and logs of a test, below {@code target}. At the end only its logs are kept. */
    static Path newDirectory(String name) {
        try {
            Path directory = Files.createTempDirectory(Path.of("target").toAbsolutePath(), name + "-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteDataIn(directory)));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteDataIn(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path data : files.filter(Files::isDirectory).toList()) {
                Directories.delete(data);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
