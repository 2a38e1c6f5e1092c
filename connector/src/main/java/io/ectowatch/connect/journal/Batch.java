package io.ectowatch.connect.journal;

/** What one poll returned, until Kafka has taken all of it. */
final class Batch {

    private JournalPosition end;
    private int outstanding;
    private boolean handedOver;

    /** The position after its last change. */
    void end(JournalPosition position) {
        end = position;
    }

    JournalPosition end() {
        return end;
    }

    void handedOver(int records) {
        outstanding += records;
        handedOver = true;
    }

    void acknowledged() {
        outstanding--;
    }

    boolean done() {
        return handedOver && outstanding == 0;
    }
}
