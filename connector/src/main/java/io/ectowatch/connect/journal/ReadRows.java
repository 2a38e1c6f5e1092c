package io.ectowatch.connect.journal;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.journal.offset.JournalOffset;
import io.ectowatch.connect.journal.offset.ReadPlace;
import io.ectowatch.connect.journal.read.BackfillPart;
import io.ectowatch.connect.journal.read.JournalPage;
import io.ectowatch.connect.journal.read.ReadRow;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.postgres.Lsn;
import io.ectowatch.connect.record.BackfillNote;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.Delivery;
import java.util.List;
import java.util.Map;

/** Makes changes of what a backfill has read, one at a time, each with the offset after it. */
final class ReadRows {

    private final JournalPosition end;
    private final BackfillPart part;
    private final String visibleAt;
    private final Map<String, ?> partition;

    private final BackfillNote note;
    private ReadPlace reached;
    private int next;
    private boolean ended;

    ReadRows(JournalPage.Read page, Map<String, ?> partition) {
        this.end = page.end();
        this.part = page.part();
        this.visibleAt = Lsn.text(page.visibleAt());
        this.partition = partition;
        note = new BackfillNote(part.backfill().id(), null, null);
        reached = new ReadPlace(page.after(), part.backfill(), part.key(), null, 0, 0);
    }

    boolean hasNext() {
        return next < part.rows().size() || part.ends() && !ended;
    }

    /**
     * Appends the next changes, until the list has so many elements or they have so many characters.
     *
     * @return their approximate size in characters
     */
    long take(List<Delivery> deliveries, int atMost, long characters) {
        long taken = 0;
        while (hasNext() && deliveries.size() < atMost && taken < characters) {
            taken += takeNext(deliveries);
        }
        return taken;
    }

    private int takeNext(List<Delivery> deliveries) {
        ReadPlace before = reached;
        if (next == part.rows().size()) {
            ended = true;
            deliveries.add(new Delivery(end(), partition, JournalOffset.ofRead(ReadPlace.of(end), before)));
            return 0;
        }
        ReadRow row = part.rows().get(next++);
        reached = new ReadPlace(
                before.begin(),
                part.backfill(),
                part.key(),
                row.key(),
                before.rows() + 1,
                before.published() + (row.published() ? 1 : 0));
        String id = row.id();
        if (id != null) {
            deliveries.add(new Delivery(change(row, id), partition, JournalOffset.ofRead(reached, before)));
        }
        return row.length();
    }

    /** The position after what was taken. */
    JournalPosition position() {
        return hasNext() ? reached.position() : end;
    }

    private Change change(ReadRow row, String id) {
        Event event = row.values() == null ? Event.RESYNC : Event.READ;
        return new Change(part.table(), event, id, 0, part.at(), row.values(), note, visibleAt);
    }

    private Change end() {
        String ending = part.backfill().ending();
        return new Change(
                part.table(),
                ending == null ? Event.BACKFILLED : Event.BACKFILL_STOPPED,
                note.id() + ".end",
                0,
                part.at(),
                null,
                new BackfillNote(note.id(), part.backfill().count() + reached.published(), ending),
                visibleAt);
    }
}
