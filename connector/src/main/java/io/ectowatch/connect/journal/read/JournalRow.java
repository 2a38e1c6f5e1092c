package io.ectowatch.connect.journal.read;

import org.jspecify.annotations.Nullable;

/**
 * A row of the journal.
 *
 * @param lsn its LSN: how far the WAL had been written when the row was created
 * @param transactionId the transaction that wrote it
 * @param at when it was written, in milliseconds since 1970
 * @param layout the number of the layout of its body
 * @param event the first letter of the event
 * @param body the input of {@link BodyReader}; null if it was not requested or cannot be read
 * @param problem why it cannot be read, or null
 */
public record JournalRow(
        long lsn,
        long transactionId,
        long at,
        int layout,
        String event,
        @Nullable String body,
        @Nullable String problem) {

    public JournalRow(long lsn, long transactionId, long at, int layout, String event, @Nullable String body) {
        this(lsn, transactionId, at, layout, event, body, null);
    }

    JournalRow withBody(String text) {
        return new JournalRow(lsn, transactionId, at, layout, event, text, null);
    }

    JournalRow unreadable(String reason) {
        return new JournalRow(lsn, transactionId, at, layout, event, null, reason);
    }

    /** The length of its body, in characters. */
    public int length() {
        return body == null ? 0 : body.length();
    }
}
