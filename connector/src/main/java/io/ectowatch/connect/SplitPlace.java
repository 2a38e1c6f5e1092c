package io.ectowatch.connect;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Finds a place among changes at which as few transactions of the database as possible are incomplete. It knows the changes
 * that follow only up to the end of the list.
 */
final class SplitPlace {

    private SplitPlace() {}

    /**
     * The number of changes before the place.
     *
     * @param transactions the transaction of each change, or 0 for a change that belongs to none
     * @param before the transactions of the changes before the list
     */
    static int of(long[] transactions, Set<Long> before) {
        Map<Long, Integer> lastOf = new HashMap<>();
        for (int i = 0; i < transactions.length; i++) {
            lastOf.put(transactions[i], i);
        }
        lastOf.remove(0L);
        int reach = -1; // the last change of a transaction that has begun
        for (long transaction : before) {
            reach = Math.max(reach, lastOf.getOrDefault(transaction, -1));
        }
        int place = 0;
        for (int i = 0; i < transactions.length; i++) {
            reach = Math.max(reach, lastOf.getOrDefault(transactions[i], -1));
            // In the second half, hardly any changes are known that could continue a transaction.
            if (reach <= i && (place == 0 || i < transactions.length / 2)) {
                place = i + 1;
            }
        }
        return place == 0 ? transactions.length : place;
    }
}
