package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CutEndsTest {

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
