package io.ectowatch.connect.journal.state;

import org.apache.kafka.connect.errors.ConnectException;

/** A later task has taken over the journal. */
public final class FencedException extends ConnectException {

    private static final long serialVersionUID = 1L;

    FencedException(String message) {
        super(message);
    }
}
