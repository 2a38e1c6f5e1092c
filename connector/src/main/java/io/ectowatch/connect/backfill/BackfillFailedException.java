package io.ectowatch.connect.backfill;

/** A backfill cannot continue; the message says why and what to do. Everything else goes on. */
final class BackfillFailedException extends Exception {

    private static final long serialVersionUID = 1;

    BackfillFailedException(String message) {
        super(message);
    }
}
