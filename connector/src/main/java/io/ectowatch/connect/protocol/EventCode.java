package io.ectowatch.connect.protocol;

import io.ectowatch.connect.config.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The letter that triggers write for the kind of change. No other class and no template knows the letters. */
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

    /**
     * The values for the templates of SQL: for {@link #KEY_INSERTED}, {@code event key inserted}; and {@code event letters}
     * for a comment with all of them.
     */
    public static final Map<String, String> PLACES = places();

    private final String letter;
    private final Event event;
    private final boolean keyChange;

    EventCode(String letter, Event event, boolean keyChange) {
        this.letter = letter;
        this.event = event;
        this.keyChange = keyChange;
    }

    private static Map<String, String> places() {
        Map<String, String> places = new HashMap<>();
        List<String> letters = new ArrayList<>();
        for (EventCode code : values()) {
            String words = code.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            places.put("event " + words, code.sql());
            letters.add(code.letter + " " + words);
        }
        places.put("event letters", String.join(", ", letters));
        return Map.copyOf(places);
    }

    /**
     * The code of that letter.
     *
     * @throws IllegalArgumentException if it is unknown
     */
    public static EventCode of(@Nullable String letter) {
        for (EventCode code : values()) {
            if (code.letter.equals(letter)) {
                return code;
            }
        }
        throw new IllegalArgumentException("unknown event " + letter);
    }

    /** Whether it has that letter. */
    public boolean is(String other) {
        return letter.equals(other);
    }

    /** The letter as an SQL literal. */
    public String sql() {
        return "'" + letter + "'";
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
