package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.watch.WatchedTable;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The numbers of the layouts of some tables in the journal.
 *
 * @param byLayout the number of each, by {@code WatchedTable.layout}
 * @param registrations the statements that register them, each without effect if that was done before
 * @param missing those of them that were not done before, by the layout
 */
public record LayoutNumbers(Map<String, Integer> byLayout, List<String> registrations, Map<String, String> missing) {

    /** The numbers without a journal. */
    public static final LayoutNumbers NONE = new LayoutNumbers(Map.of(), List.of(), Map.of());

    public LayoutNumbers {
        byLayout = Map.copyOf(byLayout);
        registrations = List.copyOf(registrations);
        missing = Map.copyOf(missing);
    }

    /** The number of the table's layout, which must be among them. */
    int of(WatchedTable table) {
        return Objects.requireNonNull(byLayout.get(table.layout()), "layout");
    }
}
