package io.ectowatch.connect.log;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Logs events that may repeat with each row or each second: the first one at once, the further ones of the same kind as one
 * line with their number. The pauses between the lines of a kind double from ten seconds to ten minutes, and begin again
 * after a calm time. Thread-safe.
 */
public final class RepeatedLog {

    private static final long FIRST_PAUSE_NS = Duration.ofSeconds(10).toNanos();
    private static final long LONGEST_PAUSE_NS = Duration.ofMinutes(10).toNanos();

    /** More kinds than that, as with a table for each tenant, share the pauses. */
    private static final int MOST_KINDS = 1_000;

    /** A line of the log. */
    public interface Line {
        /** @param more how many events it stands for besides the one it describes, as text to append; or empty */
        void log(String more);
    }

    private static final class Kind {
        private Line last;
        private long further;
        private long pauseNs = FIRST_PAUSE_NS;
        private long loggedAt;

        private Kind(Line first, long now) {
            last = first;
            loggedAt = now;
        }
    }

    private final LongSupplier nanoTime;
    private final Map<String, Kind> kinds = new LinkedHashMap<>();

    public RepeatedLog() {
        this(System::nanoTime);
    }

    RepeatedLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Logs the event, or counts it. */
    public void log(String kind, Line line) {
        boolean first;
        synchronized (this) {
            long now = nanoTime.getAsLong();
            String key = kinds.size() < MOST_KINDS || kinds.containsKey(kind) ? kind : "";
            Kind known = kinds.get(key);
            first = known == null;
            if (known == null) {
                kinds.put(key, new Kind(line, now));
            } else {
                known.last = line;
                known.further++;
            }
        }
        if (first) {
            line.log("");
        }
        logCounted();
    }

    /** Logs what was only counted, of the kinds whose pause is over. Call it from time to time. */
    public void logCounted() {
        List<Runnable> lines = new ArrayList<>();
        synchronized (this) {
            if (kinds.isEmpty()) {
                return;
            }
            long now = nanoTime.getAsLong();
            for (Iterator<Kind> all = kinds.values().iterator(); all.hasNext(); ) {
                Kind kind = all.next();
                if (now - kind.loggedAt < kind.pauseNs) {
                    continue;
                }
                if (kind.further == 0) {
                    all.remove();
                    continue;
                }
                Line line = kind.last;
                String more = " (This has happened " + kind.further + " more " + (kind.further == 1 ? "time" : "times")
                        + " since the last such line.)";
                lines.add(() -> line.log(more));
                kind.further = 0;
                kind.loggedAt = now;
                kind.pauseNs = Math.min(2 * kind.pauseNs, LONGEST_PAUSE_NS);
            }
        }
        lines.forEach(Runnable::run);
    }
}
