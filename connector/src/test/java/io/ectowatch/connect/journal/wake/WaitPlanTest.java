package io.ectowatch.connect.journal.wake;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.postgres.XidSnapshot;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaitPlanTest {

    private static final long START = 5_000_000_000_000L;

    private static final long REST = START + TimeUnit.MINUTES.toNanos(1);

    private final WaitPlan plan = new WaitPlan(START);
    private long next = 1_000;

    @Test
    void whileChangesComeThePauseIsShort() {
        assertThat(pauseMs(Duration.ofMillis(100))).isEqualTo(2);
        assertThat(pauseMs(Duration.ofSeconds(1))).isEqualTo(4);
    }

    @Test
    void withPausesAloneThereAreFewerThanThirtyReadsASecondAtRest() {
        assertThat(1_000.0 / pauseMs(Duration.ofMinutes(1))).isLessThan(29.5);
        assertThat(pauseMs(Duration.ofDays(365)) / 2).isLessThan(20);
    }

    @Test
    void withoutTransactionsInProgressItWaitsForWal() {
        assertThat(pause(idle(), REST)).isEqualTo(WaitPlan.FOR_WAL);
        plan.waited(false);
        assertThat(pause(idle(), REST)).isEqualTo(WaitPlan.FOR_WAL);
    }

    @Test
    void aTransactionThatMayJustBeCommittingIsNotWaitedForByItsWal() {
        assertThat(pause(busy(next - 1), REST)).isPositive();
    }

    @Test
    void aTransactionThatHasBeenOpenForLongDoesNotKeepItFromWaitingForWal() {
        long old = next - 1;
        for (int second = 0; second < 3; second++) {
            pause(busy(old), REST + TimeUnit.SECONDS.toNanos(second));
            next += 10;
        }
        assertThat(pause(busy(old), REST + TimeUnit.SECONDS.toNanos(3))).isEqualTo(WaitPlan.FOR_WAL);
        assertThat(pause(busy(old, next - 1), REST + TimeUnit.SECONDS.toNanos(3)))
                .isPositive();
    }

    @Test
    void whenItIsWokenByACommitThatOthersDoNotSeeYetReadsFollowAtOnce() {
        assertThat(pause(idle(), REST)).isEqualTo(WaitPlan.FOR_WAL);
        plan.waited(true);
        for (long expected : new long[] {1, 2, 4, 8}) {
            assertThat(pause(busy(next - 1), REST)).isEqualTo(expected);
        }
        assertThat(pause(busy(next - 1), REST)).isEqualTo(34);
    }

    @Test
    void aChangeEndsTheDetourThatOtherTransactionsCaused() {
        pause(idle(), REST);
        plan.waited(true);
        assertThat(pause(idle(), REST)).isPositive();
        assertThat(plan.pauseMs(idle(), REST + 1, REST + 1)).isEqualTo(WaitPlan.FOR_WAL);
    }

    /** Whatever the time between the transactions of others. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 10, 30, 60, 95, 120, 150, 200, 300, 1_000, 10_000})
    void othersTransactionsDoNotRaiseTheNumberOfStatements(int everyMs) {
        long ms = TimeUnit.NANOSECONDS.toMillis(REST);
        long end = ms + TimeUnit.MINUTES.toMillis(3);
        long statements = 0;
        while (ms < end) {
            statements++; // a read, which takes a millisecond
            long readAt = ms;
            ms++;
            long pause = pause(idle(), TimeUnit.MILLISECONDS.toNanos(ms));
            if (pause != WaitPlan.FOR_WAL) {
                ms += pause;
                continue;
            }
            long writtenAt = (readAt / everyMs + 1) * everyMs;
            boolean woken = false;
            for (int i = 0; i < Polling.WAITS && !woken; i++) {
                statements++;
                woken = writtenAt <= ms + WalWait.LONGEST_MS;
                ms = woken ? Math.max(ms, writtenAt) : ms + WalWait.LONGEST_MS;
            }
            plan.waited(woken);
        }
        assertThat(statements / 180.0).isLessThan(29);
    }

    private long pause(ReadState state, long now) {
        return plan.pauseMs(state, START, now);
    }

    private ReadState idle() {
        return state(new XidSnapshot(next, next, new long[0]));
    }

    private ReadState busy(long... inProgress) {
        return state(new XidSnapshot(inProgress[0], next, inProgress));
    }

    private ReadState state(XidSnapshot snapshot) {
        return new ReadState(snapshot, 0, 0, 0, 0, next, true, 0);
    }

    private static long pauseMs(Duration silence) {
        return WaitPlan.pauseMs(silence.toNanos());
    }
}
