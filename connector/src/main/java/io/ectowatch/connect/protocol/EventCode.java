package io.ectowatch.connect.protocol;

import io.ectowatch.connect.config.Event;

/** The letter that triggers write for the kind of change. */
public enum EventCode {
    INSERTED("i", Event.INSERTED, false),
    UPDATED("u", Event.UPDATED, false),
    DELETED("d", Event.DELETED, false),
    TRUNCATED("t", Event.TRUNCATED, false),
    RESYNC("r", Event.RESYNC, false),
    /** The new key of an update that changed the key. */
    KEY_INSERTED("I", Event.INSERTED, true),
    /** The old key of an update that changed the key. */
    KEY_DELETED("D", Event.DELETED, true);

    private final String letter;
    private final Event event;
    private final boolean keyChange;

    EventCode(String letter, Event event, boolean keyChange) {
        this.letter = letter;
        this.event = event;
        this.keyChange = keyChange;
    }

    /**
     * The code of that letter.
     *
     * @throws IllegalArgumentException if it is unknown
     */
    public static EventCode of(String letter) {
        for (EventCode code : values()) {
            if (code.letter.equals(letter)) {
                return code;
            }
        }
        throw new IllegalArgumentException("unknown event " + letter);
    }

    /** The event that is published for it. */
    public Event event() {
        return event;
    }

    /** Whether its rows begin with {@code record.Row.statement}. */
    public boolean keyChange() {
        return keyChange;
    }
}
