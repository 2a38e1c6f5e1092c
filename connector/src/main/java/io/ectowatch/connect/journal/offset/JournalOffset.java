package io.ectowatch.connect.journal.offset;

import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.record.ChangeOffset;
import io.ectowatch.connect.record.Delivery;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The source offset of one record. Connect writes only the last of many, so the map is created when it is read.
 *
 * <p>Unlike other maps it is equal only to itself. A worker with exactly-once keeps the records that wait for a
 * commit as keys of a map: of two equal ones, as those of two watchers with one topic can be, it would report only
 * one. It also computes the hash of each record, and so of its offset.
 */
public final class JournalOffset extends AbstractMap<String, Object> implements ChangeOffset {

    /** Set when the record is handed to Connect. */
    private @Nullable PolledBatch batch;

    private boolean endsRow;
    /** Whether it is already the offset before a change. */
    private boolean isBefore;
    /** The offset before the first change for which its record stands; null if that is its own change. */
    private @Nullable JournalOffset start;

    private boolean acknowledged;

    /** The beginning of its page: its cut, and the losses that were announced before. */
    private final JournalPosition page;

    private final long lsn;
    private final long transaction;
    private final long index;
    private final long losses;
    private final boolean announcement;
    /** Where the record of a backfill is; null for other records. */
    private final @Nullable ReadPlace place;
    /** And where it begins. */
    private final @Nullable ReadPlace previous;

    private JournalOffset(
            JournalPosition page,
            long lsn,
            long transaction,
            long index,
            long losses,
            boolean announcement,
            @Nullable ReadPlace place,
            @Nullable ReadPlace previous) {
        this.place = place;
        this.previous = previous;
        this.page = page;
        this.lsn = lsn;
        this.transaction = transaction;
        this.index = index;
        this.losses = losses;
        this.announcement = announcement;
    }

    /**
     * The offset of a change.
     *
     * @param page the beginning of its page
     * @param lsn the LSN of its row
     * @param transaction the transaction of its row
     * @param index its place in its row
     */
    public static JournalOffset ofChange(JournalPosition page, long lsn, long transaction, long index) {
        return new JournalOffset(page, lsn, transaction, index, page.losses(), false, null, null);
    }

    /**
     * The offset of an announcement at the end of a page.
     *
     * @param losses the last loss that is announced completely with it
     */
    public static JournalOffset ofAnnouncement(JournalPosition page, long losses) {
        return new JournalOffset(page, page.lsn(), page.transaction(), page.index(), losses, true, null, null);
    }

    /**
     * The offset of a record of a backfill.
     *
     * @param place after it
     * @param previous before it
     */
    public static JournalOffset ofRead(ReadPlace place, ReadPlace previous) {
        return new JournalOffset(place.begin(), 0, 0, 0, 0, false, place, previous);
    }

    /** The offset of a change of the journal. */
    public static JournalOffset of(Delivery delivery) {
        return (JournalOffset) Objects.requireNonNull(delivery.offset(), "offset");
    }

    PolledBatch batch() {
        return Objects.requireNonNull(batch, "batch");
    }

    public void belongsTo(PolledBatch handedOver) {
        batch = handedOver;
    }

    /** Records that Kafka has acknowledged its record; returns whether that is new. */
    boolean acknowledge() {
        boolean first = !acknowledged;
        acknowledged = true;
        return first;
    }

    /** Marks it as the offset of its row's last change. */
    public void endsRow() {
        endsRow = true;
    }

    /** Like {@link #position}, but after the whole row if nothing of the row remains. */
    public JournalPosition end() {
        return endsRow ? position().afterRow() : position();
    }

    JournalPosition position() {
        JournalPosition position = place != null
                ? place.position()
                : page.at(lsn, transaction, index).in(page.from(), page.to(), losses);
        return batch == null ? position : position.with(position.backfills().plus(batch.owed()));
    }

    /**
     * For a change of a row, the offset of the change before it in the row; for an announcement, the loss before it.
     */
    @Override
    public JournalOffset before() {
        JournalOffset before;
        if (start != null) {
            before = start.before();
        } else if (previous != null) {
            before = ofRead(previous, previous);
        } else if (announcement) {
            before = ofAnnouncement(page, page.losses());
        } else {
            before = new JournalOffset(page, lsn, transaction, isBefore ? index : index - 1, losses, false, null, null);
            before.isBefore = true;
        }
        before.batch = batch;
        return before;
    }

    @Override
    public JournalOffset since(ChangeOffset first) {
        JournalOffset offset = new JournalOffset(page, lsn, transaction, index, losses, announcement, place, previous);
        offset.start = ((JournalOffset) first).before();
        offset.batch = batch;
        offset.endsRow = endsRow;
        return offset;
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
        return position().toOffset().entrySet();
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
