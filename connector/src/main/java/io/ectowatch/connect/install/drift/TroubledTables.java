package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.install.Trouble;
import io.ectowatch.connect.postgres.Failure;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables that are in trouble while the others are watched. Each change of state is logged once. Not thread-safe, except
 * for {@link #count}.
 */
final class TroubledTables {

    private static final Logger log = LoggerFactory.getLogger(TroubledTables.class);

    private final String connector;
    private final long retryMs;
    /** What keeps tables from being watched, by their names. */
    private Map<String, Trouble> unwatched = Map.of();
    /** The steps that failed, by their purpose. */
    private Map<String, Trouble> uninstalled = Map.of();

    private volatile int count;

    /** @param retryMs how often tables in trouble are retried, in milliseconds */
    TroubledTables(String connector, long retryMs) {
        this.connector = connector;
        this.retryMs = retryMs;
    }

    /** Takes over the result of reading the catalog: the reason, by the name of each table. */
    void unwatched(Map<String, String> now) {
        Map<String, Trouble> troubles = new TreeMap<>();
        now.forEach((table, message) -> troubles.put(table, new Trouble(message, message)));
        troubles.forEach((table, trouble) -> {
            if (isNew(unwatched.get(table), trouble)) {
                log.warn(
                        "Connector {}: {} is in trouble, its changes may not be published: {} The other tables are"
                                + " watched. The connector retries this one every {} ms (table.poll.interval.ms), and"
                                + " publishes a resync record when the table is watched again.",
                        connector,
                        table,
                        trouble.message(),
                        retryMs);
            }
        });
        unwatched.keySet().stream()
                .filter(table -> !troubles.containsKey(table))
                .forEach(table -> log.info("Connector {}: {} is no longer in trouble.", connector, table));
        unwatched = troubles;
        count = unwatched.size() + uninstalled.size();
    }

    /**
     * Takes over the steps that failed in the last attempt to install.
     *
     * @return whether a step succeeded that had failed before
     */
    boolean uninstalled(Map<String, Trouble> now) {
        if (now.equals(uninstalled)) {
            return false;
        }
        boolean retried = failed().stream().anyMatch(purpose -> !now.containsKey(purpose));
        now.forEach((purpose, trouble) -> {
            if (isNew(uninstalled.get(purpose), trouble)) {
                log.warn(
                        "Connector {}: waiting to {}: {} The connector retries it; changes of this table are not"
                                + " published until then.",
                        connector,
                        purpose,
                        Failure.sentence(trouble.message()));
            }
        });
        uninstalled = new HashMap<>(now);
        count = unwatched.size() + uninstalled.size();
        return retried;
    }

    /** The steps that failed for another reason than a lock, by their purpose. Each read of the catalog retries them. */
    Set<String> failed() {
        return uninstalled.entrySet().stream()
                .filter(trouble -> !trouble.getValue().isLocked())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private static boolean isNew(@Nullable Trouble before, Trouble now) {
        return before == null || !before.state().equals(now.state());
    }

    /** The names of the tables that cannot be watched. */
    Set<String> names() {
        return Set.copyOf(unwatched.keySet());
    }

    /** How many tables are in trouble. Thread-safe. */
    int count() {
        return count;
    }
}
