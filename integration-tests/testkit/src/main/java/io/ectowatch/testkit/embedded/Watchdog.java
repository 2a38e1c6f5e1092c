package io.ectowatch.testkit.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;

/**
 * Ends a process if this JVM ends without doing so, even by SIGKILL. It is a shell that reads from a pipe of this JVM.
 * A line releases the shell. The end of the pipe means that this JVM has ended.
 */
final class Watchdog implements AutoCloseable {

    private static final String SCRIPT = "trap '' INT TERM HUP; read -r released || kill -s \"$0\" \"$1\"";

    private final OutputStream pipe;

    private Watchdog(OutputStream pipe) {
        this.pipe = pipe;
    }

    /** Sends the signal (a name without {@code SIG}) to the process if this JVM ends. */
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

    /** Releases the shell. Required when the process has ended, because the system may reuse its ID. */
    @Override
    public void close() {
        try (pipe) {
            pipe.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
