package io.ectowatch.connect.journal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.ectowatch.connect.backfill.Chunk;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.journal.offset.JournalOffset;
import io.ectowatch.connect.journal.offset.ReadPlace;
import io.ectowatch.connect.journal.read.BackfillPart;
import io.ectowatch.connect.journal.read.JournalPage;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.postgres.Lsn;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.record.BackfillNote;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.Row;
import io.ectowatch.connect.record.RowReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Makes changes of what a backfill has read, one at a time, each with the offset after it. */
final class ReadRows {

    /** So many digits of a hash do not coincide in a table of any size. */
    private static final int KEY_DIGITS = 24;

    private final JournalPosition end;
    private final BackfillPart part;
    private final String visibleAt;
    private final RowReader values;
    private final JsonFactory json;
    private final Map<String, ?> partition;

    private final BackfillNote note;
    private ReadPlace reached;
    private int next;
    private boolean ended;

    /** @param values reads the rows of the table */
    ReadRows(JournalPage.Read page, RowReader values, JsonFactory json, Map<String, ?> partition) {
        this.end = page.end();
        this.part = page.part();
        this.visibleAt = Lsn.text(page.visibleAt());
        this.values = values;
        this.json = json;
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
        Chunk.Row row = part.rows().get(next++);
        String entry = row.entry();
        reached = new ReadPlace(
                before.begin(),
                part.backfill(),
                part.key(),
                row.key(),
                before.rows() + 1,
                before.published() + (entry == null ? 0 : 1));
        if (entry == null) {
            return 0;
        }
        deliveries.add(new Delivery(change(row, entry), partition, JournalOffset.ofRead(reached, before)));
        return entry.length();
    }

    /** The position after what was taken. */
    JournalPosition position() {
        return hasNext() ? reached.position() : end;
    }

    private Change change(Chunk.Row row, String entry) {
        // The same key has the same id when it is read again, and another key has another one.
        String id = note.id() + "." + SqlText.hash(KEY_DIGITS, row.key().toArray(String[]::new));
        try (JsonParser parser = json.createParser(entry)) {
            parser.nextToken();
            Row read = values.read(parser, EventCode.INSERTED);
            return new Change(part.table(), Event.READ, id, 0, part.at(), read, note, visibleAt);
        } catch (IOException e) {
            return new Change(part.table(), Event.RESYNC, id, 0, part.at(), null, note, visibleAt);
        }
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
