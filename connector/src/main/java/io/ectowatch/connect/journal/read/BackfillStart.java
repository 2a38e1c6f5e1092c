package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.backfill.Backfill.Cause;
import io.ectowatch.connect.backfill.Backfills;
import java.util.Set;

/**
 * What a task begins its backfills with.
 *
 * @param automatic when backfills are started without a call
 * @param unfinished those that had not ended when the offset was committed
 * @param first whether the connector has no offset yet, so that it watches all of its tables for the first time
 */
public record BackfillStart(Set<Cause> automatic, Backfills unfinished, boolean first) {

    public BackfillStart {
        automatic = Set.copyOf(automatic);
    }
}
