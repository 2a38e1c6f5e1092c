package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.journal.read.JournalPage;
import io.ectowatch.connect.journal.state.JournalPosition;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CutEndsTest {

    @Test
    void aCutThatAFailoverInterruptsEndsBeforeTheAnnouncement() {
        JournalPosition position = JournalPosition.beginning("1", 0);
        CutEnds ends = new CutEnds();
        ends.begin(10);
        ends.page(new JournalPage.Rows(position, List.of(), true, false, 0));
        ends.processed(3, 10);
        ends.returned(3);
        assertThat(ends.last()).isZero();

        ends.begin(10);
        ends.page(new JournalPage.Gap(position, "failover", 0, 0));
        ends.processed(2, 10);
        ends.returned(2);
        assertThat(ends.last()).isEqualTo(2);
    }

    /** A source processes rows, each with any number of changes, until it has enough; the rest is for the next polls. */
    @Test
    void generatedPollsKnowTheLastCutThatEndsAmongTheirChanges() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            CutEnds ends = new CutEnds();
            TreeSet<Integer> all = new TreeSet<>();
            all.add(0);
            int returned = 0;
            int processed = 0;
            int atMost = 1 + random.nextInt(10);
            for (int poll = 0; poll < 20; poll++) {
                ends.begin(atMost);
                while (processed - returned < atMost && random.nextInt(6) > 0) {
                    processed += random.nextInt(random.nextInt(5) == 0 ? 25 : 3);
                    if (random.nextInt(3) == 0) {
                        all.add(processed);
                        ends.reached(processed - returned, atMost);
                    }
                }
                int count = Math.min(atMost, processed - returned);
                ends.returned(count);

                Integer last = all.floor(returned + count);
                assertThat(ends.last())
                        .as("seed %d, poll %d", seed, poll)
                        .isEqualTo(last == null || last < returned ? -1 : last - returned);
                returned += count;
            }
        }
    }
}
