package io.ectowatch.connect.install.plan;

/** Waits between two checks of a lock. */
public interface Pause {

    /** Returns false when the task is being stopped. */
    boolean forMillis(long milliseconds) throws InterruptedException;
}
