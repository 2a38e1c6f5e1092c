package io.ectowatch.connect.journal.state;

import io.ectowatch.connect.postgres.OperatorException;

/** A later task has taken over the journal. */
public final class FencedException extends OperatorException {

    private static final long serialVersionUID = 1L;

    FencedException(String message) {
        super(message);
    }
}
