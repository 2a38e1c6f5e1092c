package io.ectowatch.connect.config;

import io.ectowatch.connect.config.names.TablePattern;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The tables of the watchers in the long form, as far as a configuration names them. */
public final class WatcherTables {

    private WatcherTables() {}

    /**
     * The pattern of each declared watcher, empty if its table is missing or not valid, by the start of its settings:
     * {@code watchers.<name>.} Never throws.
     */
    public static Map<String, Optional<TablePattern>> patterns(Map<String, String> props) {
        Map<String, String> settings = ConfigValidator.present(props);
        Map<String, Optional<TablePattern>> patterns = new LinkedHashMap<>();
        for (String name : WatchFragment.declared(settings)) {
            String prefix = WatchFragment.WATCHER_PREFIX + name + ".";
            patterns.put(prefix, pattern(settings.getOrDefault(prefix + WatcherFragment.TABLE_CONFIG, "")));
        }
        return patterns;
    }

    private static Optional<TablePattern> pattern(String table) {
        try {
            return Optional.of(TablePattern.parse(table));
        } catch (IllegalArgumentException notValid) {
            // The problem is reported on its setting.
            return Optional.empty();
        }
    }
}
