package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SplitPlaceTest {

    @Test
    void theListIsSplitBetweenTransactionsNearItsMiddle() {
        assertThat(SplitPlace.of(new long[] {1, 2, 1, 2, 3, 3, 4, 5, 5, 6}, Set.of()))
                .isEqualTo(4);
    }

    @Test
    void aTransactionThatHasBegunBeforeTheListIsNotSplit() {
        assertThat(SplitPlace.of(new long[] {1, 2, 9, 3, 3, 4}, Set.of(9L))).isEqualTo(3);
    }

    @Test
    void changesWithoutATransactionBelongTogetherNowhere() {
        assertThat(SplitPlace.of(new long[] {0, 0, 0, 0}, Set.of())).isEqualTo(2);
    }

    @Test
    void theListIsNotSplitIfNoPlaceIsBetweenTransactions() {
        assertThat(SplitPlace.of(new long[] {1, 2, 2, 1}, Set.of())).isEqualTo(4);
        assertThat(SplitPlace.of(new long[] {}, Set.of(1L))).isZero();
    }

    @Test
    void generatedListsAreSplitWhereNoTransactionIsOnBothSides() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            long[] transactions = new long[1 + random.nextInt(12)];
            for (int i = 0; i < transactions.length; i++) {
                transactions[i] = random.nextInt(2 + i);
            }
            Set<Long> before = random.nextBoolean() ? Set.of() : Set.of(1L + random.nextInt(5));

            int place = SplitPlace.of(transactions, before);

            boolean possible = false;
            for (int i = 1; i < transactions.length; i++) {
                possible |= isBetween(transactions, before, i);
            }
            assertThat(isBetween(transactions, before, place))
                    .as("seed %d", seed)
                    .isTrue();
            assertThat(place < transactions.length).as("seed %d", seed).isEqualTo(possible);
        }
    }

    private static boolean isBetween(long[] transactions, Set<Long> before, int place) {
        Set<Long> first = new HashSet<>(before);
        for (int i = 0; i < place; i++) {
            first.add(transactions[i]);
        }
        for (int i = place; i < transactions.length; i++) {
            if (transactions[i] != 0 && first.contains(transactions[i])) {
                return false;
            }
        }
        return true;
    }
}
