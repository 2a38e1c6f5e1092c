package io.ectowatch.connect.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Payloads are arrays of layout, event, transaction, number of the statement, index and entries, maybe with an anchor. */
class TransactionOrderTest {

    private static final String FIRST = "[\"L\",\"i\",7,100,0,[[1]]]";
    private static final String SECOND = "[\"L\",\"u\",7,200,0,[[2]]]";
    private static final String SECOND_CONTINUED = "[\"L\",\"u\",7,200,1,[[3]]]";
    private static final String THIRD = "[\"L\",\"d\",7,300,0,[[4]]]";
    private static final String GAP = "[\"L\",\"g\"]";

    private static List<String> ordered(String... payloads) {
        TransactionOrder order = new TransactionOrder();
        for (String payload : payloads) {
            order.add(payload);
        }
        return order.payloads();
    }

    private static String late(int number, String entries, int anchor) {
        return "[\"L\",\"i\",7," + number + ",0," + entries + "," + anchor + "]";
    }

    @Test
    void whatNamesNoOtherKeepsItsPlace() {
        assertThat(ordered(SECOND, FIRST, GAP, "no payload", THIRD))
                .containsExactly(SECOND, FIRST, GAP, "no payload", THIRD);
    }

    @Test
    void whatNamesAStatementComesBeforeTheFirstOfItsNotifications() {
        String late = late(150, "[[5]]", 200);
        assertThat(ordered(FIRST, SECOND, SECOND_CONTINUED, THIRD, late))
                .containsExactly(FIRST, late, SECOND, SECOND_CONTINUED, THIRD);
    }

    @Test
    void thoseThatNameTheSameStatementKeepTheirOrder() {
        String late = late(150, "[[5]]", 200);
        String later = late(160, "[[6]]", 200);
        assertThat(ordered(SECOND, late, later)).containsExactly(late, later, SECOND);
    }

    @Test
    void aStatementCanBeNamedThatHasItselfBeenMoved() {
        String late = late(150, "[[5]]", 200);
        String before = late(120, "[[6]]", 150);
        assertThat(ordered(SECOND, late, before)).containsExactly(before, late, SECOND);
    }

    @Test
    void neitherAnotherTransactionNorAnotherTableIsTakenForTheOneThatIsNamed() {
        String otherTransaction = "[\"L\",\"u\",8,200,0,[[2]]]";
        String otherTable = "[\"M\",\"u\",7,200,0,[[2]]]";
        String longer = "[\"L\",\"u\",7,2001,0,[[2]]]";
        String late = late(150, "[[5]]", 200);
        assertThat(ordered(SECOND, otherTransaction, otherTable, longer, late))
                .containsExactly(late, SECOND, otherTransaction, otherTable, longer);
    }

    /** It came in an earlier part of what the server has sent, so it has been delivered. */
    @Test
    void whatNamesAStatementThatIsNotThereIsFollowedByAGap() {
        String late = late(150, "[[5]]", 200);
        assertThat(ordered(FIRST, late, THIRD)).containsExactly(FIRST, late, GAP, THIRD);
    }

    @Test
    void soIsWhatNamesOneThatIsTooFarBack() {
        TransactionOrder order = new TransactionOrder();
        order.add(SECOND);
        for (int i = 0; i < 5_000; i++) {
            order.add(THIRD);
        }
        order.add(late(150, "[[5]]", 200));
        assertThat(order.payloads()).startsWith(SECOND, THIRD).endsWith(THIRD, late(150, "[[5]]", 200), GAP);
    }

    @Test
    void textsThatLookLikeTheEndOfAPayloadAreNot() {
        String text = "[\"L\",\"i\",7,150,0,[[\"],200]\",\"\\n\"]]]";
        assertThat(ordered(SECOND, text)).containsExactly(SECOND, text);
        String late = late(150, "[[\"],300]\",\"a\nb\"]]", 200);
        assertThat(ordered(SECOND, THIRD, late)).containsExactly(late, SECOND, THIRD);
    }
}
