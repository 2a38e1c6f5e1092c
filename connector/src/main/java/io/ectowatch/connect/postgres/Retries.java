package io.ectowatch.connect.postgres;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Decides how long to retry after errors, and which of them to log. Errors of the network and of a server that
 * restarts are retried forever. Other errors come back with each attempt until somebody fixes the cause. After a
 * while the task has to fail, since nobody looks for errors in the log of a task that is RUNNING.
 */
final class Retries {

    /** How long an error that does not pass by itself is retried, once a session has worked. */
    static final Duration LIMIT = Duration.ofMinutes(5);

    /** A session that lasted this long has worked: a later error is a new one. */
    private static final Duration SOUND = Duration.ofMinutes(1);

    /** How often the log repeats the same error. */
    private static final Duration MENTION = Duration.ofMinutes(1);

    /** A shorter session does not reset the backoff. */
    private static final Duration SHORT = Duration.ofSeconds(2);

    private final Duration limit;
    private final LongSupplier nanoTime;
    private final Backoff backoff = new Backoff();
    private boolean working;
    private long establishedAt;
    private boolean stubborn;
    private long stubbornSince;
    private String mentioned = "";
    private long mentionedAt;

    Retries(Duration limit, LongSupplier nanoTime) {
        this.limit = limit;
        this.nanoTime = nanoTime;
    }

    /** Records that a session works. */
    void established() {
        working = true;
        establishedAt = nanoTime.getAsLong();
    }

    /**
     * Records an error.
     *
     * @param heals whether it can pass by itself, see {@link Failure#heals}
     * @return the reason to give up, or empty to retry
     */
    Optional<String> failed(String message, boolean heals) {
        long now = nanoTime.getAsLong();
        if (lasted(SHORT, now)) {
            backoff.succeeded();
        }
        if (heals || lasted(SOUND, now)) {
            stubborn = false;
        }
        working = false;
        if (heals) {
            return Optional.empty();
        }
        if (!stubborn) {
            stubborn = true;
            stubbornSince = now;
        }
        return now - stubbornSince < limit.toNanos()
                ? Optional.empty()
                : Optional.of(message + " Every attempt for "
                        + text(Duration.ofNanos(now - stubbornSince))
                        + " has failed with this error. Fix its cause, then restart the task.");
    }

    private boolean lasted(Duration time, long now) {
        return working && now - establishedAt >= time.toNanos();
    }

    private static String text(Duration duration) {
        return duration.toMinutes() > 0 ? duration.toMinutes() + " minutes" : duration.toSeconds() + " seconds";
    }

    /** How long to wait before the next attempt, in milliseconds. */
    long nextWait() {
        return backoff.failed();
    }

    /** How many attempts have failed in a row. */
    int attempts() {
        return backoff.failures();
    }

    /** Whether to log the error: it differs from the one before, or it goes on. */
    boolean toBeMentioned(String message) {
        long now = nanoTime.getAsLong();
        boolean mention =
                backoff.failures() <= 1 || !message.equals(mentioned) || now - mentionedAt >= MENTION.toNanos();
        if (mention) {
            mentioned = message;
            mentionedAt = now;
        }
        return mention;
    }
}
