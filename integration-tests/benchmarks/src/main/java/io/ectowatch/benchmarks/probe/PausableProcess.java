package io.ectowatch.benchmarks.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process that can be paused ({@code SIGSTOP}) and resumed ({@code SIGCONT}), so only on Unix. */
public final class PausableProcess implements AutoCloseable {

    private final Process process;
    private final Path script;
    private final Path output;
    /** A paused process does not react to the Ctrl-C that ends this JVM, and would stay. */
    private final Thread killer;

    private PausableProcess(Process process, Path script, Path output) {
        this.process = process;
        this.script = script;
        this.output = output;
        killer = new Thread(process::destroyForcibly, "kill " + process.pid());
        Runtime.getRuntime().addShutdownHook(killer);
    }

    /**
     * Starts a process.
     *
     * @param script a file that is deleted when the process is closed
     */
    static PausableProcess start(ProcessBuilder builder, Path script) throws IOException {
        Path output = Files.createTempFile("writers", ".log");
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        return new PausableProcess(builder.start(), script, output);
    }

    /**
     * Stops it until {@link #resume}.
     *
     * @throws IllegalStateException if it has ended, with its output, or if the system has no SIGSTOP
     */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /**
     * Lets it go on.
     *
     * @throws IllegalStateException if it has ended, with its output
     */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        if (!process.isAlive()) {
            throw new IllegalStateException("the process has ended: " + output());
        }
        Process kill;
        try {
            // The shell's own kill: not every system has a program of this name.
            kill = new ProcessBuilder("sh", "-c", "kill -%s %d".formatted(name, process.pid()))
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "cannot send SIG" + name + ": this measurement pauses processes and needs a Unix system", e);
        }
        String message = new String(kill.getInputStream().readAllBytes());
        if (kill.waitFor() != 0) {
            throw new IllegalStateException("cannot send SIG%s: %s%s".formatted(name, message, output()));
        }
    }

    long pid() {
        return process.pid();
    }

    /** What it has printed. */
    public String output() throws IOException {
        return Files.readString(output);
    }

    /** Kills it, also if it is paused, and waits for its end. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        Runtime.getRuntime().removeShutdownHook(killer);
        Files.deleteIfExists(output);
        Files.deleteIfExists(script);
    }
}
