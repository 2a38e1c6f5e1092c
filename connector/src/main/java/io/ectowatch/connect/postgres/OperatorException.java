package io.ectowatch.connect.postgres;

import org.apache.kafka.connect.errors.ConnectException;

/**
 * An error that only an operator can mend, with a message that says how. Connect's log and the status of the task show it
 * without a stack trace, which would hide the message.
 */
public class OperatorException extends ConnectException {

    private static final long serialVersionUID = 1L;

    public OperatorException(String message) {
        super(message);
    }

    @Override
    public final synchronized Throwable fillInStackTrace() {
        return this;
    }
}
