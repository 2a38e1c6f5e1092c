package io.ectowatch.connect.backfill;

/**
 * A backfill that follows a resync which is not in the journal.
 *
 * @param number counts the requests of one task, from 1
 * @param backfill what is requested
 */
public record ResyncRequest(long number, Backfill backfill) {}
