package io.ectowatch.connect.journal.offset;

import io.ectowatch.connect.backfill.ResyncRequest;
import io.ectowatch.connect.journal.read.JournalPage;
import io.ectowatch.connect.journal.state.JournalPosition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The records of one poll, until Kafka has acknowledged all of them. */
public final class PolledBatch {

    /** What a record needs besides its values: its objects, and those that Connect and the producer keep for it. */
    private static final long RECORD_BYTES = 1_024;

    private @Nullable JournalPosition end;
    private JournalPage.@Nullable Beat beat;
    private int records;
    private int outstanding;
    private boolean handedOver;
    private long bytes;
    private List<ResyncRequest> owed = List.of();

    public PolledBatch() {
        this(0);
    }

    /** @param characters the size of the rows of which its records are made */
    public PolledBatch(long characters) {
        bytes = 2 * characters;
    }

    /** Adds the requests that its offsets have to carry: its pages were read before. */
    public void owes(List<ResyncRequest> requests) {
        owed = requests;
    }

    List<ResyncRequest> owed() {
        return owed;
    }

    /** The position after its last change; null if nothing was read. */
    public void end(@Nullable JournalPosition position) {
        end = position;
    }

    public @Nullable JournalPosition end() {
        return end;
    }

    /** Adds a heartbeat that is to follow when Kafka has acknowledged its records, and all before them. */
    public void beat(JournalPage.@Nullable Beat following) {
        beat = following;
    }

    JournalPage.@Nullable Beat beat() {
        return beat;
    }

    void handedOver(int count) {
        records = count;
        outstanding += count;
        bytes += count * RECORD_BYTES;
        handedOver = true;
    }

    boolean hasRecords() {
        return records > 0;
    }

    /** Counts each record once: if Connect could send only a part of a poll, it may report some a second time. */
    void acknowledged(JournalOffset offset) {
        if (offset.acknowledge()) {
            outstanding--;
        }
    }

    /** How many records were made from it. */
    int records() {
        return records;
    }

    /** The approximate memory that its records need until Kafka has acknowledged all of them, in bytes. */
    long bytes() {
        return bytes;
    }

    /** How many of its records Kafka has not acknowledged yet. */
    int outstanding() {
        return outstanding;
    }

    boolean done() {
        return handedOver && outstanding == 0;
    }
}
