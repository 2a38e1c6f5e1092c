package io.ectowatch.connect.journal;

/** The records of one poll, until Kafka has acknowledged all of them. */
final class Batch {

    private JournalPosition end;
    private int records;
    private int outstanding;
    private boolean handedOver;

    /** The position after its last change. */
    void end(JournalPosition position) {
        end = position;
    }

    JournalPosition end() {
        return end;
    }

    void handedOver(int count) {
        records = count;
        outstanding += count;
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

    /** How many of its records Kafka has not acknowledged yet. */
    int outstanding() {
        return outstanding;
    }

    boolean done() {
        return handedOver && outstanding == 0;
    }
}
