package io.ectowatch.connect.record;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the watchers publish of the changes of one poll, by the number of the change in it. */
final class CollapsedChanges {

    /** What is published instead of a change, by watcher. */
    private static final class Versions {

        private final @Nullable Change[] byWatcher;
        /** The first change for which they stand. */
        private int since;

        Versions(@Nullable Change[] byWatcher, int since) {
            this.byWatcher = byWatcher;
            this.since = since;
        }
    }

    /** Null for a change that is published as it is. */
    private final @Nullable Versions[] changes;

    private long collapsed;

    CollapsedChanges(int count) {
        changes = new Versions[count];
    }

    /**
     * Lets a watcher publish a version of a change that stands for earlier ones, too, and not the earlier one.
     *
     * @param earlier the number of the change that is not published
     * @param number the number of the change that is published as {@code version}
     * @param first the number of the first change for which the version stands
     */
    void replace(int watcher, int earlier, int number, Change version, int first) {
        Versions later = of(number);
        of(earlier).byWatcher[watcher] = null;
        later.byWatcher[watcher] = version;
        later.since = Math.min(later.since, first);
        collapsed++;
    }

    /** Prepares a change for {@link #replace}: some of the table's watchers publish it. */
    void prepare(int number, Change change, RecordFactory factory) {
        if (changes[number] == null) {
            @Nullable Change[] byWatcher = new Change[change.table().watchers().size()];
            for (int i = 0; i < byWatcher.length; i++) {
                byWatcher[i] = factory.publishes(i, change) ? change : null;
            }
            changes[number] = new Versions(byWatcher, number);
        }
    }

    private Versions of(int number) {
        return Objects.requireNonNull(changes[number], "not prepared");
    }

    /** What the watchers publish instead of the change; null if it is published as it is. */
    @Nullable
    Change @Nullable [] versions(int number) {
        Versions versions = changes[number];
        return versions == null ? null : versions.byWatcher;
    }

    /** Whether no watcher publishes the change, since later ones stand for it. */
    boolean isDropped(int number) {
        Versions versions = changes[number];
        return versions != null && Arrays.stream(versions.byWatcher).allMatch(Objects::isNull);
    }

    /** The number of the first change for which the records of this change stand. */
    int since(int number) {
        Versions versions = changes[number];
        return versions == null ? number : versions.since;
    }

    /** How many changes got no record of their own, counted for each watcher. */
    long collapsed() {
        return collapsed;
    }
}
