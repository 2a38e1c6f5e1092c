package io.ectowatch.connect.record;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change with the position that Connect stores to resume after it.
 *
 * @param change the change
 * @param partition the source partition, or null if the source cannot resume
 * @param offset the source offset of this change, see {@link ChangeOffset}, or null; acknowledgements pass the same
 *     object back
 */
public record Delivery(
        Change change,
        @Nullable Map<String, ?> partition,
        @Nullable Map<String, ?> offset) {}
