package io.ectowatch.connect.generated;

import io.ectowatch.connect.generated.Content.Image;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What one statement has made of one table: the difference between before and after.
 *
 * @param exact whether each row changed once, so that the difference says which records there are
 * @param truncated whether it truncated the table
 */
record Effect(boolean exact, boolean truncated, List<RowChange> changes) {

    /**
     * @param before the row with this key before, or null
     * @param after the row with this key after, or null
     * @param twoRows whether the row after may be another one, which took the key that the row before left
     */
    record RowChange(String key, Image before, Image after, boolean twoRows) {}

    static Effect of(Content before, Content after, boolean exact, boolean truncated, boolean twoRows) {
        if (truncated) {
            return new Effect(exact && after.rows().isEmpty(), true, List.of());
        }
        Set<String> keys = new LinkedHashSet<>(before.rows().keySet());
        keys.addAll(after.rows().keySet());
        List<RowChange> changes = new ArrayList<>();
        for (String key : keys) {
            Image was = before.rows().get(key);
            Image is = after.rows().get(key);
            if (was == null || is == null || !was.place().equals(is.place())) {
                changes.add(new RowChange(key, was, is, twoRows));
            }
        }
        boolean sure = before.ambiguous().isEmpty() && after.ambiguous().isEmpty();
        return new Effect(exact && sure, false, changes);
    }
}
