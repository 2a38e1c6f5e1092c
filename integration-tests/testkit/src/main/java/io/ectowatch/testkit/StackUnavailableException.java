package io.ectowatch.testkit;

/** This machine lacks what the selected {@link Stack} needs. The message is one line and ends with what to do. */
public final class StackUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StackUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
