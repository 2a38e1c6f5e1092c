package io.ectowatch.connect.install;

/**
 * What the triggers of durable delivery have to know.
 *
 * @param maxBytes the size at which the journal suspends itself, in bytes
 * @param bell whether a sleeping task is woken by NOTIFY
 */
public record JournalSettings(long maxBytes, boolean bell) {}
