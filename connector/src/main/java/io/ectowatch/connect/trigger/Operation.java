package io.ectowatch.connect.trigger;

import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.protocol.ObjectNames;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A kind of statement for which triggers fire. */
public enum Operation {
    INSERT("new_rows", null, Event.INSERTED),
    /** Needed for every row event: an update that changes the key is a deletion and an insertion. */
    UPDATE("new_rows", "old_rows", Event.INSERTED, Event.UPDATED, Event.DELETED),
    DELETE(null, "old_rows", Event.DELETED),
    TRUNCATE(null, null, Event.TRUNCATED);

    private final @Nullable String newRows;
    private final @Nullable String oldRows;
    private final Set<Event> events;

    Operation(@Nullable String newRows, @Nullable String oldRows, Event first, Event... others) {
        this.newRows = newRows;
        this.oldRows = oldRows;
        this.events = EnumSet.of(first, others);
    }

    /** The events that it can cause. */
    public Set<Event> events() {
        return events;
    }

    /** What the changes of the statement are written as, unless it changes a key. */
    EventCode code() {
        return switch (this) {
            case INSERT -> EventCode.INSERTED;
            case UPDATE -> EventCode.UPDATED;
            case DELETE -> EventCode.DELETED;
            case TRUNCATE -> EventCode.TRUNCATED;
        };
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it has a trigger for each row, not for each statement. TRUNCATE has no rows. */
    public boolean forEachRow(TableShape.Triggers triggers) {
        return triggers != TableShape.Triggers.STATEMENT && this != TRUNCATE;
    }

    /** The name of the table's trigger for it. */
    public String trigger(ObjectNames names, TableShape table) {
        return names.trigger(table.name(), text(), forEachRow(table.triggers()));
    }

    /** The transition table of new rows, or null. */
    public @Nullable String newRows(TableShape.Triggers triggers) {
        return triggers == TableShape.Triggers.STATEMENT ? newRows : null;
    }

    /** The transition table of old rows, or null. */
    public @Nullable String oldRows(TableShape.Triggers triggers) {
        return triggers == TableShape.Triggers.STATEMENT ? oldRows : null;
    }

    /** {@code pg_trigger.tgenabled}: enabled in all sessions, or in those that do not apply replicated changes. */
    public String firing(TableShape.Triggers triggers) {
        return triggers == TableShape.Triggers.ALWAYS ? "A" : "O";
    }

    /** {@code pg_trigger.tgtype} of the AFTER trigger; the bits are those of PostgreSQL's catalog/pg_trigger.h. */
    public int triggerType(TableShape.Triggers triggers) {
        int bit =
                switch (this) {
                    case INSERT -> 1 << 2;
                    case DELETE -> 1 << 3;
                    case UPDATE -> 1 << 4;
                    case TRUNCATE -> 1 << 5;
                };
        return bit | (forEachRow(triggers) ? 1 : 0);
    }
}
