package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.watch.WatchedTable;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The result of one {@link DriftMonitor#advance}.
 *
 * @param tables the watched tables
 * @param formerLayouts the layouts of the functions that were installed before, each with its table
 * @param reread whether the catalog was read again, so that the tables may have changed
 * @param progress how far the installation is
 * @param losses what has to be announced to the consumers
 */
public record DriftReport(
        List<WatchedTable> tables,
        Map<String, String> formerLayouts,
        boolean reread,
        Progress progress,
        Losses losses) {

    /**
     * How far the installation is.
     *
     * @param installed whether every trigger is installed, as of the last read of the catalog
     * @param settled whether every trigger is installed, and was checked since
     * @param busy whether another thread reads the catalog or installs, so that the next check should follow soon
     * @param mayPublish whether offsets may be committed. Before the first state is stored they may not: if the task ends
     *     then, the next one has to conclude that the connector was removed and installed again, and announces a loss.
     *     Only if a table is locked, the changes of the others do not wait for that.
     * @param inTrouble how many tables are in trouble
     * @param withoutTriggers how many watched tables lack a trigger
     */
    public record Progress(
            boolean installed, boolean settled, boolean busy, boolean mayPublish, int inTrouble, int withoutTriggers) {}

    /**
     * Changes that may have been lost. Each report repeats them, also in the next session, until {@link
     * DriftMonitor#announced} is called.
     *
     * @param ofAnyTable whether changes may have been lost that no installation step announces: triggers were disabled and
     *     enabled again, or had another definition. False until everything is correct again.
     * @param replaced watched tables of which changes may have been missed: their rows were replaced without calling a
     *     trigger, as by a TRUNCATE that no watcher publishes; they were in trouble; or their triggers have learned of a
     *     risk to the order of changes. Without a journal also those whose triggers were created late or had changed.
     * @param departed tables that are not watched any more, by their names; as they were, if this task has watched them
     */
    public record Losses(
            boolean ofAnyTable, List<WatchedTable> replaced, Map<String, Optional<WatchedTable>> departed) {

        public boolean isEmpty() {
            return !ofAnyTable && replaced.isEmpty() && departed.isEmpty();
        }
    }
}
