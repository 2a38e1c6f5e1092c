package io.ectowatch.connect.journal;

/**
 * A row of the journal.
 *
 * @param seq its number: how far the write-ahead log had been written when it was made
 * @param transactionId who wrote it
 * @param at when, in milliseconds since 1970
 * @param layout what its body holds
 * @param event the first letter of the event
 * @param body what {@link BodyReader} takes apart; null if it was not asked for or cannot be read
 * @param problem why it cannot be read, or null
 */
record JournalRow(long seq, long transactionId, long at, int layout, String event, String body, String problem) {

    JournalRow(long seq, long transactionId, long at, int layout, String event, String body) {
        this(seq, transactionId, at, layout, event, body, null);
    }

    JournalRow withBody(String text) {
        return new JournalRow(seq, transactionId, at, layout, event, text, null);
    }

    JournalRow unreadable(String reason) {
        return new JournalRow(seq, transactionId, at, layout, event, null, reason);
    }

    /** The length of its body, in characters. */
    int length() {
        return body == null ? 0 : body.length();
    }
}
