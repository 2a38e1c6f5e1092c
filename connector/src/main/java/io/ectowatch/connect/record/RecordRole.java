package io.ectowatch.connect.record;

/** What a record is for, among those of one change and watcher. */
enum RecordRole {
    /** Tells of the change. */
    CHANGE("", null),
    /** Tells of an update under the key that the row no longer has. */
    FORMER_KEY(".former", null),
    /** Makes a compacted topic forget the key. */
    TOMBSTONE(".tombstone", "tombstone");

    private final String idSuffix;
    private final String event;

    RecordRole(String idSuffix, String event) {
        this.idSuffix = idSuffix;
        this.event = event;
    }

    /** The change's id, made different for each of its records. */
    String id(Change change) {
        return change.id() + idSuffix;
    }

    /** What the record reports: a tombstone is not another deletion. */
    String event(Change change) {
        return event == null ? change.event().text() : event;
    }
}
