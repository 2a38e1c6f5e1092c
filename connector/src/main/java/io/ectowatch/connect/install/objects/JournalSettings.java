package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.config.BellMode;

/**
 * What the triggers of durable delivery have to know.
 *
 * @param maxBytes the size at which the journal suspends itself, in bytes
 * @param bell whether NOTIFY wakes a waiting task
 */
public record JournalSettings(long maxBytes, BellMode bell) {

    /**
     * Whether triggers notify while the task has armed the bell. With {@code auto} the task decides, with each
     * connection.
     */
    boolean triggersMayRing() {
        return bell != BellMode.OFF;
    }
}
