package io.ectowatch.connect.install;

import java.util.List;
import java.util.Map;

/**
 * What the journal calls the layouts of some tables.
 *
 * @param byLayout the number of each, by {@code WatchedTable.layout}
 * @param registrations the statements that register them, each without effect where that has been done
 * @param missing those of them for which it has not
 */
record LayoutNumbers(Map<String, Integer> byLayout, List<String> registrations, List<String> missing) {

    /** What there is without a journal. */
    static final LayoutNumbers NONE = new LayoutNumbers(Map.of(), List.of(), List.of());

    LayoutNumbers {
        byLayout = Map.copyOf(byLayout);
        registrations = List.copyOf(registrations);
        missing = List.copyOf(missing);
    }
}
