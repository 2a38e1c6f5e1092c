package io.ectowatch.connect.install;

/**
 * Why a table is in trouble.
 *
 * @param state the same as long as there is nothing new to say
 * @param message what is wrong and what to do
 */
public record Trouble(String state, String message) {

    private static final String LOCKED = "locked";

    /** Another session holds a lock on the table. The message names it. */
    static Trouble locked(String message) {
        return new Trouble(LOCKED, message);
    }

    /** Whether another session holds a lock on the table, so that a retry may help. */
    public boolean isLocked() {
        return state.equals(LOCKED);
    }
}
