package io.ectowatch.it.faults;

import io.ectowatch.it.faults.Fault.Injection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The clocks of database and worker, which Debian's libfaketime sets. It is unpacked in {@code target/libfaketime}. */
final class Clocks {

    private static final Path UNPACKED = Path.of("target", "libfaketime");
    private static final int HOUR = 3600;

    private final Path postgres;
    private final Path worker;

    private Clocks(Path directory) {
        this.postgres = directory.resolve("postgres");
        this.worker = directory.resolve("worker");
    }

    /** Sets system properties so that a stack that is started now has these clocks. Empty if libfaketime is not there. */
    static Optional<Clocks> prepare() {
        if (!Files.isDirectory(UNPACKED)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(UNPACKED)) {
            Optional<Path> library =
                    files.filter(file -> file.endsWith("libfaketimeMT.so.1")).findFirst();
            if (library.isEmpty()) {
                return Optional.empty();
            }
            Clocks clocks = new Clocks(Files.createTempDirectory("clocks"));
            clocks.set(clocks.postgres, 0);
            clocks.set(clocks.worker, 0);
            System.setProperty("stack.postgres.environment", environment(library.get(), clocks.postgres));
            System.setProperty("stack.worker.environment", environment(library.get(), clocks.worker));
            return Optional.of(clocks);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // The monotonic clock stays: a step of the system's clock does not change it. Without the last variable, waiting
    // threads of a JVM return at once. The file is read once a second.
    private static String environment(Path library, Path clock) {
        return "LD_PRELOAD=" + library.toAbsolutePath() + " FAKETIME_TIMESTAMP_FILE=" + clock
                + " FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1"
                + " FAKETIME_FORCE_MONOTONIC_FIX=0";
    }

    List<Fault> faults() {
        return List.of(
                new Fault("clock step of the database", 6, injection -> step(injection, postgres, 24 * HOUR)),
                new Fault("clock step of the worker", 6, injection -> step(injection, worker, HOUR - 100)));
    }

    /**
     * Steps the clock, and back after some time. The broker refuses records from a clock that is more than an hour ahead of its
     * own, so {@code ahead} limits the step in seconds.
     */
    private void step(Injection injection, Path clock, int ahead) throws Exception {
        int size = injection.random().nextBoolean() ? injection.between(1, 90) : injection.between(1, 24) * HOUR;
        int seconds = injection.random().nextBoolean() ? Math.min(size, ahead) : -size;
        injection.note(seconds + " s");
        set(clock, seconds);
        try {
            injection.hold(1_200, 2_500);
        } finally {
            set(clock, 0);
        }
        Thread.sleep(1_100); // Until it is read.
    }

    private void set(Path clock, int seconds) throws IOException {
        Path written = clock.resolveSibling(clock.getFileName() + ".new");
        Files.writeString(written, (seconds < 0 ? "" : "+") + seconds + "\n");
        Files.move(
                written,
                clock,
                java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
}
