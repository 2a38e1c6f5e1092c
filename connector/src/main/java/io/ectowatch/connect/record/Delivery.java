package io.ectowatch.connect.record;

import java.util.Map;

/**
 * A change with what Connect keeps to know how far it has come.
 *
 * @param change the change
 * @param partition the source partition, or null where there is nothing to resume from
 * @param offset the source offset of this change, see {@link ChangeOffset}; it comes back with its records, as the same
 *     object; or null
 */
public record Delivery(Change change, Map<String, ?> partition, Map<String, ?> offset) {}
