package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.install.uninstall.OrphanedConnectors;
import io.ectowatch.connect.log.ContextThread;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.SessionLoop;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

/**
 * Starts an {@link InstallSession} in its own thread, and then looks for {@link OrphanedConnectors}: with many tables that
 * takes a while, during which changes are still read. The caller has to {@link #take} or to {@link #abandon} it.
 */
final class CatalogReader {

    private final SessionLoop loop;
    private final CompletableFuture<InstallSession> result = new CompletableFuture<>();

    private CatalogReader(SessionLoop loop) {
        this.loop = loop;
    }

    static CatalogReader begin(
            Connections connections,
            Provisioner provisioner,
            OrphanedConnectors orphans,
            KnownProblems problems,
            SessionLoop loop) {
        CatalogReader reading = new CatalogReader(loop);
        ContextThread.create(
                        "ectowatch-catalog-" + provisioner.names().connector(),
                        () -> reading.read(connections, provisioner, orphans, problems))
                .start();
        return reading;
    }

    private void read(
            Connections connections, Provisioner provisioner, OrphanedConnectors orphans, KnownProblems problems) {
        InstallSession run = null;
        try {
            run = InstallSession.begin(connections, provisioner, loop, null);
            orphans.runDueTasks(run.connection());
            problems.log(run.connection());
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
     * @throws SQLException like {@link InstallSession#begin}
     */
    InstallSession take() throws SQLException, InterruptedException {
        return Background.result(result);
    }

    /** Closes the connection, now or when it is not needed any more. */
    void abandon() {
        if (!result.cancel(false) && !result.isCompletedExceptionally()) {
            loop.release(result.join().connection());
        }
    }
}
