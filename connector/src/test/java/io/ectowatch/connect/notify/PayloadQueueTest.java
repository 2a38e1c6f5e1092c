package io.ectowatch.connect.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.notify.PayloadQueue.Entry;
import io.ectowatch.connect.notify.PayloadQueue.Gap;
import io.ectowatch.connect.notify.PayloadQueue.Payload;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PayloadQueueTest {

    /** Room for four of {@link #text}. */
    private final PayloadQueue queue = new PayloadQueue(4 * (64 + 2 * 100));

    @Test
    void whatFitsComesOutInOrder() throws Exception {
        assertThat(queue.offer(text(1))).isTrue();
        assertThat(queue.offer(text(2))).isTrue();
        assertThat(drain()).containsExactly(new Payload(text(1)), new Payload(text(2)));
        assertThat(queue.bytes()).isZero();
    }

    @Test
    void whatDoesNotFitIsDroppedAndLeavesOneGapInItsPlace() throws Exception {
        for (int i = 1; i <= 4; i++) {
            assertThat(queue.offer(text(i))).isTrue();
        }
        assertThat(queue.offer(text(5))).isFalse();
        assertThat(queue.offer(text(6))).isFalse();

        List<Entry> entries = drain();
        assertThat(entries).hasSize(5);
        assertThat(entries.get(4)).isInstanceOf(Gap.class);
    }

    @Test
    void droppingGoesOnUntilHalfOfTheRoomIsFree() throws Exception {
        for (int i = 1; i <= 5; i++) {
            queue.offer(text(i));
        }
        queue.poll(0);
        assertThat(queue.offer(text(6))).isFalse();
        queue.poll(0);
        assertThat(queue.offer(text(7))).isTrue();

        assertThat(drain().stream().map(entry -> entry.getClass().getSimpleName()))
                .containsExactly("Payload", "Payload", "Gap", "Payload");
    }

    @Test
    void aGapBesideAGapIsTheSameOne() throws Exception {
        queue.offerGap("one");
        queue.offerGap("two");
        queue.offer(text(1));
        queue.offerGap("three");
        assertThat(drain()).containsExactly(new Gap("one"), new Payload(text(1)), new Gap("three"));
    }

    @Test
    void aPollThatFindsNothingReturnsNothing() throws Exception {
        assertThat(queue.poll(1)).isNull();
    }

    @Test
    void aWaitingPollIsWokenByWhatComes() throws Exception {
        Thread offering = new Thread(() -> queue.offer(text(1)));
        offering.start();
        assertThat(queue.poll(60_000)).isEqualTo(new Payload(text(1)));
        offering.join();
    }

    private List<Entry> drain() throws InterruptedException {
        List<Entry> entries = new ArrayList<>();
        for (Entry entry = queue.poll(0); entry != null; entry = queue.poll(0)) {
            entries.add(entry);
        }
        return entries;
    }

    private static String text(int number) {
        return Integer.toString(number).repeat(100).substring(0, 100);
    }
}
