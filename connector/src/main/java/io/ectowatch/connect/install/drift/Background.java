package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.log.ContextThread;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** Work on a connection of its own that the thread which reads changes must not wait for. */
final class Background {

    private Background() {}

    /** Starts it in a daemon thread of that name. */
    static <T> Future<T> start(String thread, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        ContextThread.create(thread, task).start();
        return task;
    }

    /**
     * Waits for the result.
     *
     * @throws SQLException when that is what the work has thrown; so with any other exception
     */
    static <T> T result(Future<T> work) throws SQLException, InterruptedException {
        try {
            return work.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw cause;
            }
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw (InterruptedException) e.getCause();
        }
    }
}
