package io.ectowatch.connect.install;

import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.SessionLoop;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

/**
 * Starts an {@link InstallationRun} in its own thread, and then looks for {@link Leftovers}: with many tables that
 * takes a while, during which changes are still read. The caller has to {@link #take} or to {@link #abandon} it.
 */
final class CatalogReading {

    private final SessionLoop loop;
    private final CompletableFuture<InstallationRun> result = new CompletableFuture<>();

    private CatalogReading(SessionLoop loop) {
        this.loop = loop;
    }

    static CatalogReading begin(
            Connections connections, Preparation preparation, Leftovers leftovers, SessionLoop loop) {
        CatalogReading reading = new CatalogReading(loop);
        Thread thread = new Thread(
                () -> reading.read(connections, preparation, leftovers),
                "ectowatch-catalog-" + preparation.names().connector());
        thread.setDaemon(true);
        thread.start();
        return reading;
    }

    private void read(Connections connections, Preparation preparation, Leftovers leftovers) {
        InstallationRun run = null;
        try {
            run = InstallationRun.begin(connections, preparation, loop);
            leftovers.tend(run.connection());
            if (!result.complete(run)) {
                loop.release(run.connection());
            }
        } catch (Exception | Error e) {
            if (run != null) {
                loop.release(run.connection());
            }
            result.completeExceptionally(e);
        }
    }

    boolean done() {
        return result.isDone();
    }

    /**
     * Waits for the result.
     *
     * @throws SQLException like {@link InstallationRun#begin}
     */
    InstallationRun take() throws SQLException, InterruptedException {
        return Background.result(result);
    }

    /** Closes the connection, now or when it is not needed any more. */
    void abandon() {
        if (!result.cancel(false) && !result.isCompletedExceptionally()) {
            loop.release(result.join().connection());
        }
    }
}
