package io.ectowatch.connect.record;

import io.ectowatch.connect.config.Event;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change with the position that Connect stores to resume after it.
 *
 * @param change the change
 * @param partition the source partition, or null if the source cannot resume
 * @param offset the source offset of this change, see {@link ChangeOffset}, or null; acknowledgements pass the same
 *     object back
 * @param versions if changes were collapsed, what each of the table's watchers publishes instead of the change: null for
 *     those for which a later change stands for it. Null if all of them publish the change.
 */
public record Delivery(
        Change change,
        @Nullable Map<String, ?> partition,
        @Nullable Map<String, ?> offset,
        @Nullable Change @Nullable [] versions) {

    /** A change that is published as it is. */
    public Delivery(Change change, @Nullable Map<String, ?> partition, @Nullable Map<String, ?> offset) {
        this(change, partition, offset, null);
    }

    /** The event that is published, for the first of its watchers. */
    public Event event() {
        if (versions != null) {
            for (Change version : versions) {
                if (version != null) {
                    return version.event();
                }
            }
        }
        return change.event();
    }

    /** The same without extra columns, see {@link Change#shortened}; null if that is not possible. */
    public @Nullable Delivery shortened() {
        Change shorter = change.shortened();
        if (shorter == null || versions == null) {
            return shorter == null ? null : new Delivery(shorter, partition, offset);
        }
        @Nullable Change[] shorterVersions = new Change[versions.length];
        for (int i = 0; i < versions.length; i++) {
            Change version = versions[i];
            shorterVersions[i] = version == null ? null : version.shortened();
        }
        return new Delivery(shorter, partition, offset, shorterVersions);
    }

    /** A resync of the table in its place, for all watchers. */
    public Delivery resync() {
        return new Delivery(change.resync(), partition, offset);
    }
}
