package io.ectowatch.connect.install;

/**
 * How what the connector needs comes into the database.
 *
 * @param muteAllowed whether a transaction may keep its changes from being reported
 * @param lockTimeoutMs how long DDL may wait for a table's lock, in milliseconds
 */
public record InstallOptions(boolean muteAllowed, int lockTimeoutMs) {}
