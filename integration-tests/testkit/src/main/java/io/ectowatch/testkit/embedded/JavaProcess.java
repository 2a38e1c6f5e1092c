package io.ectowatch.testkit.embedded;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/** A JVM with Kafka's classes, whose output goes to a log file and which ends no later than this JVM. */
final class JavaProcess {

    // A terminal's Ctrl-C reaches every process in the foreground. Ours alone shall act on it and end the others in
    // order.
    private static final String DEAF_TO_INTERRUPTS = "trap '' INT; exec \"$@\"";

    /** Without a word, what costs a short life least. */
    private static final String OPTIONS = System.getProperty(EmbeddedStack.JVM_OPTIONS, "-XX:+UseSerialGC");

    private final String name;
    private final Path log;
    private final Process process;
    private final Watchdog watchdog;

    private JavaProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
        this.watchdog = Watchdog.over(process.pid(), "KILL");
    }

    /**
     * Starts one.
     *
     * @param name for messages
     * @param log to which its output is appended
     * @param heap the options with the size of its heap, separated by spaces, for example {@code -Xmx512m}
     */
    static JavaProcess start(String name, Path log, String heap, String classPath, String mainClass, String... args) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", DEAF_TO_INTERRUPTS, "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(OPTIONS.split(" ")));
        command.addAll(List.of(heap.split(" ")));
        command.addAll(List.of(
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
                // Which prints each client's settings, a hundred lines a time.
                "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=warn",
                "-cp",
                classPath,
                mainClass));
        command.addAll(List.of(args));
        try {
            Process process = new ProcessBuilder(command)
                    .directory(log.getParent().toFile())
                    .redirectInput(Redirect.from(new File("/dev/null")))
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.appendTo(log.toFile()))
                    .start();
            return new JavaProcess(name, log, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns when the condition holds; fails as soon as the process has ended, or after the timeout. */
    void awaitReady(Duration timeout, Callable<Boolean> ready) {
        try {
            Awaitility.await()
                    .pollInSameThread()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(50))
                    .atMost(timeout)
                    .failFast(() -> !process.isAlive())
                    .ignoreExceptions()
                    .until(ready);
        } catch (TerminalFailureException e) {
            throw new IllegalStateException(
                    "%s ended with %d while starting.%s".formatted(name, process.exitValue(), LogTail.of(log)), e);
        } catch (ConditionTimeoutException e) {
            throw new IllegalStateException(
                    "%s did not answer within %d s.%s".formatted(name, timeout.toSeconds(), LogTail.of(log)), e);
        }
    }

    /** Returns when the process has ended by itself. */
    void awaitSuccess(Duration timeout) throws InterruptedException {
        boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        kill();
        if (!ended || process.exitValue() != 0) {
            throw new IllegalStateException("%s failed.%s".formatted(name, LogTail.of(log)));
        }
    }

    /** Ends it (SIGKILL) and returns when it is gone. */
    void kill() {
        process.destroyForcibly().onExit().join();
        watchdog.close();
    }
}
