package io.ectowatch.connect.journal;

/**
 * A row of the journal.
 *
 * @param seq its number: how far the write-ahead log had been written when it was made
 * @param transactionId who wrote it
 * @param at when, in milliseconds since 1970
 * @param layout what its body holds
 * @param event the first letter of the event
 * @param body what {@link BodyReader} takes apart
 */
record JournalRow(long seq, long transactionId, long at, int layout, String event, String body) {}
