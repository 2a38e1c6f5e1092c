package io.ectowatch.testkit;

import java.time.Duration;

/** Receives progress while a {@link Stack} starts. Several threads may call it. */
@FunctionalInterface
public interface StartupProgress {

    /**
     * Called when a part answers.
     *
     * @param part its name and version, for example {@code PostgreSQL 18.6}
     * @param address its address
     * @param took the time since the start of the stack
     */
    void started(String part, String address, Duration took);
}
