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
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/** A program that is no JVM. It appends its output to a log file and does not outlive this JVM. */
public final class ProgramProcess implements AutoCloseable {

    private final Path log;
    private final Process process;
    private final Watchdog watchdog;

    private ProgramProcess(Path log, Process process) {
        this.log = log;
        this.process = process;
        // Programs such as Patroni stop their own children when they are asked to end.
        this.watchdog = Watchdog.over(process.pid(), "TERM");
    }

    /** Starts a program in the directory of its log. */
    public static ProgramProcess start(Path log, Map<String, String> environment, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(log.getParent().toFile())
                    .redirectInput(Redirect.from(new File("/dev/null")))
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment);
            return new ProgramProcess(log, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same for a program of PostgreSQL, or one that starts it: PostgreSQL does not run as root. */
    public static ProgramProcess startNotAsRoot(Path log, Map<String, String> environment, List<String> command) {
        List<String> all = new ArrayList<>(EmbeddedPostgresServer.notAsRoot());
        all.addAll(command);
        return start(log, environment, all);
    }

    /** Waits until the condition is true. Fails when the process ends, or after two minutes. */
    public void awaitReady(Callable<Boolean> ready) {
        try {
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(100))
                    .atMost(Duration.ofMinutes(2))
                    .failFast(() -> !process.isAlive())
                    .ignoreExceptions()
                    .until(ready);
        } catch (TerminalFailureException | ConditionTimeoutException e) {
            throw new IllegalStateException("The program is not ready." + LogTail.of(log), e);
        }
    }

    /** Kills it (SIGKILL) and waits for its end. */
    public void kill() {
        process.destroyForcibly().onExit().join();
        watchdog.close();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }
}
