package io.ectowatch.connect.install.plan;

import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.config.OnTableError;
import io.ectowatch.connect.trigger.ContextSql;

/**
 * How the connector's objects are installed.
 *
 * @param mode who installs them
 * @param muteAllowed whether a transaction may suppress its changes
 * @param cleanup whether to remove orphaned objects of other connectors
 * @param lockTimeoutMs how long DDL may wait for a table's lock, in milliseconds
 * @param onTableError what to do if a table cannot be watched
 * @param readFunctions whether functions that another role has installed read the tables for backfills
 * @param contextAllowed whether transactions may describe their changes
 * @param actor whether to capture who has made a change
 */
public record InstallOptions(
        InstallMode mode,
        boolean muteAllowed,
        boolean cleanup,
        int lockTimeoutMs,
        OnTableError onTableError,
        boolean readFunctions,
        boolean contextAllowed,
        boolean actor) {

    /** What the triggers capture besides changes. */
    public ContextSql context() {
        return new ContextSql(contextAllowed, actor);
    }

    /** Whether the other tables are watched if one cannot be. */
    public boolean goesOn() {
        return onTableError == OnTableError.CONTINUE;
    }
}
