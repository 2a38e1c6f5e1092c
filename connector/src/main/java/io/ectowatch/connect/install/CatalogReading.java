package io.ectowatch.connect.install;

import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.SessionLoop;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

/**
 * An {@link InstallationRun} that a thread of its own begins, and then looks for {@link Leftovers}: with many tables that
 * takes a while, in which changes are to go on being read. Whoever began it has to {@link #take} or to {@link #abandon} it.
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
     * Waits for what has been found.
     *
     * @throws SQLException as {@link InstallationRun#begin} does
     */
    InstallationRun take() throws SQLException, InterruptedException {
        return Background.result(result);
    }

    /** Ends the connection, now or when it is not needed any more. */
    void abandon() {
        if (!result.cancel(false) && !result.isCompletedExceptionally()) {
            loop.release(result.join().connection());
        }
    }
}
