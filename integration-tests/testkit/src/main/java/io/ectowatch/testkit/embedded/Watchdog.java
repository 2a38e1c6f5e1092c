package io.ectowatch.testkit.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;

/**
 * Ends a process when this JVM is gone without having ended it, even by SIGKILL: a shell that reads from a pipe to us.
 * A line means that it is no longer needed, the end of the pipe that we died.
 */
final class Watchdog implements AutoCloseable {

    private static final String SCRIPT = "trap '' INT TERM HUP; read -r released || kill -s \"$0\" \"$1\"";

    private final OutputStream pipe;

    private Watchdog(OutputStream pipe) {
        this.pipe = pipe;
    }

    /** Watches over a process, which is sent the signal (a name without {@code SIG}) if we die. */
    static Watchdog over(long pid, String signal) {
        try {
            Process shell = new ProcessBuilder("sh", "-c", SCRIPT, signal, Long.toString(pid))
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
            return new Watchdog(shell.getOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process has ended: its number may soon belong to another. */
    @Override
    public void close() {
        try (pipe) {
            pipe.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
