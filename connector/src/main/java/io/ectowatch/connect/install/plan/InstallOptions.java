package io.ectowatch.connect.install.plan;

import io.ectowatch.connect.config.InstallMode;

/**
 * How the connector's objects are installed.
 *
 * @param mode who installs them
 * @param muteAllowed whether a transaction may suppress its changes
 * @param cleanup whether to remove orphaned objects of other connectors
 * @param lockTimeoutMs how long DDL may wait for a table's lock, in milliseconds
 */
public record InstallOptions(InstallMode mode, boolean muteAllowed, boolean cleanup, int lockTimeoutMs) {}
