package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.backfill.Backfill;
import io.ectowatch.connect.backfill.Backfills;
import io.ectowatch.connect.backfill.Chunk;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.List;

/** Makes pages of chunks, which follow the cut that ends at the chunk's snapshot. Belongs to the reader's thread. */
final class ChunkPages {

    private final ChunkValues values = new ChunkValues();

    /**
     * The page of a chunk.
     *
     * @param position after the cut, and after the pages that follow it already
     * @param backfill how far it had come before the chunk
     * @param open all backfills that have not ended; those after the chunk are in the page's end
     * @param visibleAt an LSN at which a standby shows the rows
     */
    JournalPage.Read of(
            JournalPosition position,
            Chunk chunk,
            Backfill backfill,
            WatchedTable table,
            Backfills open,
            long visibleAt) {
        XidSnapshot snapshot = XidSnapshot.parse(chunk.snapshot());
        List<ReadRow> read = values.of(backfill, table, chunk);
        boolean sameCut = position.from().equals(snapshot) && position.to().equals(snapshot) && position.lsn() == 0;
        long base = sameCut ? position.index() : 0;
        long end = base + read.size() + (chunk.last() ? 1 : 0);
        JournalPosition before =
                new JournalPosition(position.history(), snapshot, snapshot, 0, 0, base, position.losses(), open);
        Backfill after = backfill.after(chunk);
        Backfills left = chunk.last() ? open.without(after) : open.with(after);
        return new JournalPage.Read(
                before,
                before.at(0, 0, end).with(left),
                new BackfillPart(backfill, table, read, chunk.key(), chunk.at(), chunk.last()),
                visibleAt);
    }
}
