package io.ectowatch.connect.journal;

import io.ectowatch.connect.record.ChangeOffset;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;

/**
 * The source offset of one record. Connect writes only the last of many, so the map is made when somebody looks into it.
 *
 * <p>It is equal to no other, unlike maps in general. A worker with exactly-once keeps the records that wait for a commit
 * in a map, by themselves: of two that were equal, as those of two watchers with one topic can be, it would report one.
 * It also computes the hash of each record, and so of its offset.
 */
final class JournalOffset extends AbstractMap<String, Object> implements ChangeOffset {

    /** Set when it is handed to Connect. */
    private Batch batch;

    private boolean endsRow;
    private boolean acknowledged;

    private final JournalPage page;
    private final long seq;
    private final long transaction;
    private final long index;
    private final long losses;

    JournalOffset(JournalPage page, long seq, long transaction, long index, long losses) {
        this.page = page;
        this.seq = seq;
        this.transaction = transaction;
        this.index = index;
        this.losses = losses;
    }

    Batch batch() {
        return batch;
    }

    void belongsTo(Batch handedOver) {
        batch = handedOver;
    }

    /** Says that Kafka has taken its record; returns whether that is new. */
    boolean acknowledge() {
        boolean first = !acknowledged;
        acknowledged = true;
        return first;
    }

    /** Says that it is the offset of its row's last change. */
    void endsRow() {
        endsRow = true;
    }

    /** As {@link #position}, and of a row of which nothing is left behind the whole row. */
    JournalPosition end() {
        return endsRow ? position().afterRow() : position();
    }

    JournalPosition position() {
        return new JournalPosition(page.history(), page.from(), page.to(), seq, transaction, index, losses);
    }

    /** Of a change of a row, the one before it in the row; of an announcement, the count of losses before it. */
    @Override
    public Map<String, Object> before() {
        JournalOffset before = page.gap() == null
                ? new JournalOffset(page, seq, transaction, index - 1, losses)
                : new JournalOffset(page, seq, transaction, index, page.lossesBefore());
        before.belongsTo(batch);
        return before;
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
