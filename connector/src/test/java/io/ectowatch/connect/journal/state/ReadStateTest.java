package io.ectowatch.connect.journal.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.postgres.XidSnapshot;
import org.junit.jupiter.api.Test;

class ReadStateTest {

    private static final long PAGE = 5 * 8192;

    @Test
    void anAsynchronousCommitIsVisibleAtTheEndOfWhatIsWritten() {
        assertThat(state(PAGE + 200, PAGE + 80).visibleAt()).isEqualTo(PAGE + 200);
        assertThat(state(PAGE + 200, PAGE + 200).visibleAt()).isEqualTo(PAGE + 200);
    }

    /** Otherwise a consumer would wait until another transaction writes something. */
    @Test
    void theHeaderOfAPageWithoutRecordsIsNotWaitedFor() {
        assertThat(state(PAGE + 24, PAGE).visibleAt()).isEqualTo(PAGE);
    }

    /** The commit record may end there. */
    @Test
    void anythingLongerThanAHeaderMayBeACommit() {
        assertThat(state(PAGE + 32, PAGE).visibleAt()).isEqualTo(PAGE + 32);
        assertThat(state(PAGE + 40, PAGE).visibleAt()).isEqualTo(PAGE + 40);
    }

    private static ReadState state(long written, long flushed) {
        return new ReadState(XidSnapshot.BEFORE_EVERYTHING, 0, 0, written, flushed, 3, true, 0);
    }
}
