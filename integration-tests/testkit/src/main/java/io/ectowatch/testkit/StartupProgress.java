package io.ectowatch.testkit;

import java.time.Duration;

/** Hears of the parts of a {@link Stack} while they start, possibly on several threads. */
@FunctionalInterface
public interface StartupProgress {

    /**
     * A part answers.
     *
     * @param part its name and version, for example {@code PostgreSQL 18.6}
     * @param address where it answers
     * @param took how long it took
     */
    void started(String part, String address, Duration took);
}
