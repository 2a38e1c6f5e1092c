package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.util.List;
import java.util.Map;

/**
 * What a session found in the database when it began, before it installed anything.
 *
 * @param tables the watched tables
 * @param formerLayouts the layouts of the installed functions, each with its table
 * @param installedBefore whether this connector had triggers on any of the watched tables
 * @param installedAnything whether this connector had any triggers
 * @param lackedStamps whether no earlier task has stored the state of the tables, or it was removed
 * @param installing the connection of the installation; open until the first {@link DriftMonitor#advance}
 */
public record SessionStart(
        List<WatchedTable> tables,
        Map<String, String> formerLayouts,
        boolean installedBefore,
        boolean installedAnything,
        boolean lackedStamps,
        Connection installing) {}
