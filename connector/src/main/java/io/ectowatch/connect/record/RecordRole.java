package io.ectowatch.connect.record;

import org.jspecify.annotations.Nullable;

/** The purpose of a record among those of one change and watcher. */
enum RecordRole {
    /** Describes the change. */
    CHANGE("", null),
    /** Describes an update under the key that the row no longer has. */
    FORMER_KEY(".former", null),
    /** Removes the key from a compacted topic. */
    TOMBSTONE(".tombstone", "tombstone");

    private final String idSuffix;
    private final @Nullable String event;

    RecordRole(String idSuffix, @Nullable String event) {
        this.idSuffix = idSuffix;
        this.event = event;
    }

    /** The change's id, with a suffix that makes it unique for each of its records. */
    String id(Change change) {
        return change.id() + idSuffix;
    }

    /** The event of the record: a tombstone is not a second deletion. */
    String event(Change change) {
        return event == null ? change.event().text() : event;
    }
}
