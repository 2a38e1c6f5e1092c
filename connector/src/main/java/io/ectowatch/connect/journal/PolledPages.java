package io.ectowatch.connect.journal;

import io.ectowatch.connect.journal.read.JournalPage;

/** The pages of which one poll returns changes. */
final class PolledPages {

    private int count;
    /** Whether one of them is only a part of its cut. */
    private boolean parts;

    /** @param continues whether the poll begins with what remains of the last page of the poll before */
    void begin(boolean continues) {
        count = continues ? 1 : 0;
        parts &= continues;
    }

    void add(JournalPage.Rows page) {
        count++;
        parts |= !page.begins() || !page.ends();
    }

    /** Whether there was more than one page to read. */
    boolean several() {
        return count > 1 || parts;
    }
}
