package io.ectowatch.connect.install;

import io.ectowatch.connect.config.InstallMode;

/**
 * How what the connector needs comes into the database.
 *
 * @param mode who brings it there
 * @param muteAllowed whether a transaction may keep its changes from being reported
 * @param cleanup whether to remove what connectors that are no more have left
 * @param lockTimeoutMs how long DDL may wait for a table's lock, in milliseconds
 */
public record InstallOptions(InstallMode mode, boolean muteAllowed, boolean cleanup, int lockTimeoutMs) {}
