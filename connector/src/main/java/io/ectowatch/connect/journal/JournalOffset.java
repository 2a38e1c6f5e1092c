package io.ectowatch.connect.journal;

import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;

/**
 * The source offset of one change. Connect writes only the last of many, so the map is made when somebody looks into it.
 */
final class JournalOffset extends AbstractMap<String, Object> {

    /** Set when it is handed to Connect. */
    private Batch batch;

    private final JournalPage page;
    private final String history;
    private final long seq;
    private final long transaction;
    private final long index;

    JournalOffset(JournalPage page, String history, long seq, long transaction, long index) {
        this.page = page;
        this.history = history;
        this.seq = seq;
        this.transaction = transaction;
        this.index = index;
    }

    Batch batch() {
        return batch;
    }

    void belongsTo(Batch handedOver) {
        batch = handedOver;
    }

    JournalPosition position() {
        return new JournalPosition(history, page.from(), page.to(), seq, transaction, index, page.losses());
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
        return position().toOffset().entrySet();
    }
}
