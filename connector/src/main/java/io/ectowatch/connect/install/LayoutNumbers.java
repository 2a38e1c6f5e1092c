package io.ectowatch.connect.install;

import java.util.List;
import java.util.Map;

/**
 * What the journal calls the layouts of some tables.
 *
 * @param byLayout the number of each, by {@code WatchedTable.layout}
 * @param registrations the statements that register those which are not registered yet
 */
record LayoutNumbers(Map<String, Integer> byLayout, List<String> registrations) {

    LayoutNumbers {
        byLayout = Map.copyOf(byLayout);
        registrations = List.copyOf(registrations);
    }
}
