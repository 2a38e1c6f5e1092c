package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AsynchronousCommitsTest {

    private static final long FLUSHED = 5_000;

    private final AsynchronousCommits commits = new AsynchronousCommits();
    private long now = TimeUnit.DAYS.toNanos(1);

    @Test
    void theyAreExpectedUntilAThousandRowsHaveShownNone() {
        for (int row = 0; row < AsynchronousCommits.ROWS; row++) {
            assertThat(look(FLUSHED - 1)).isTrue();
        }
        assertThat(look(FLUSHED - 1)).isFalse();
    }

    @Test
    void rowsOfOneLookCountEach() {
        look(new long[AsynchronousCommits.ROWS]);
        assertThat(look(1)).isFalse();
    }

    @Test
    void oneShowsByARowThatIsSeenBeforeTheLogIsFlushedThatFar() {
        look(new long[AsynchronousCommits.ROWS]);
        assertThat(look(1, FLUSHED, 2)).isTrue();
        assertThat(look(1)).as("and the next ones may be like it").isTrue();
    }

    @Test
    void afterAnHourWithoutOneNoneIsExpected() {
        look(new long[AsynchronousCommits.ROWS]);
        look(FLUSHED + 1);
        now += AsynchronousCommits.MEMORY_NS / 2;
        assertThat(look(FLUSHED + 1)).isTrue();
        now += AsynchronousCommits.MEMORY_NS - 1;
        assertThat(look(1)).isTrue();
        now += 1;
        assertThat(look(1)).isFalse();
    }

    private boolean look(long... places) {
        List<JournalRow> rows = Arrays.stream(places)
                .mapToObj(place -> new JournalRow(place, 7, 0, 1, "i", "[1]"))
                .toList();
        return commits.mayBeAmong(rows, FLUSHED, now);
    }
}
