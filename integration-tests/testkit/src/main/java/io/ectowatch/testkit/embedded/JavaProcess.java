package io.ectowatch.testkit.embedded;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/** A JVM with Kafka's classes. It writes its output to a log file and does not outlive this JVM. */
final class JavaProcess {

    // Ctrl-C in a terminal sends SIGINT to all foreground processes. Only this JVM reacts and stops the others in
    // order.
    private static final String IGNORE_SIGINT = "trap '' INT; exec \"$@\"";

    /** The default is the garbage collector with the shortest start. */
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
     * Starts a JVM.
     *
     * @param name for messages
     * @param log the file to which its output is appended
     * @param heap the options for its heap, separated by spaces, for example {@code -Xmx512m}
     */
    static JavaProcess start(String name, Path log, String heap, String classPath, String mainClass, String... args) {
        return start(name, log, List.of(heap.split(" ")), Map.of(), classPath, mainClass, args);
    }

    /** The same with other options, for the heap and for example a Java agent, and with more environment variables. */
    static JavaProcess start(
            String name,
            Path log,
            List<String> options,
            Map<String, String> environment,
            String classPath,
            String mainClass,
            String... args) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", IGNORE_SIGINT, "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(OPTIONS.split(" ")));
        command.addAll(options);
        command.addAll(List.of(
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
                // This logger prints the settings of each client, about a hundred lines.
                "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=warn",
                "-cp",
                classPath,
                mainClass));
        command.addAll(List.of(args));
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(log.getParent().toFile())
                    .redirectInput(Redirect.from(new File("/dev/null")))
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment);
            return new JavaProcess(name, log, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until the condition is true. Fails when the process ends, or after the timeout. */
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
                    "%s ended with status %d while it was starting.%s"
                            .formatted(name, process.exitValue(), LogTail.of(log)),
                    e);
        } catch (ConditionTimeoutException e) {
            throw new IllegalStateException(
                    "%s did not answer within %d s.%s".formatted(name, timeout.toSeconds(), LogTail.of(log)), e);
        }
    }

    /** Waits for the end of the process. Fails unless it exits with status 0. */
    void awaitSuccess(Duration timeout) throws InterruptedException {
        boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        kill();
        if (!ended || process.exitValue() != 0) {
            throw new IllegalStateException("%s failed.%s".formatted(name, LogTail.of(log)));
        }
    }

    /** Lets it end in order (SIGTERM), waits for its end, and kills it after the timeout. */
    void terminate(Duration timeout) {
        process.destroy();
        try {
            process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
    }

    /** Kills it (SIGKILL) and waits for its end. */
    void kill() {
        process.destroyForcibly().onExit().join();
        watchdog.close();
    }
}
