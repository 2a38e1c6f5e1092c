package io.ectowatch.connect.generated;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.generated.GeneratedTable.Column;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Random watchers: of most tables one or more. */
final class WatcherGenerator {

    private static final List<Set<Event>> EVENTS = List.of(
            EnumSet.of(Event.INSERTED, Event.UPDATED, Event.DELETED),
            EnumSet.of(Event.INSERTED, Event.UPDATED, Event.DELETED),
            EnumSet.of(Event.INSERTED, Event.UPDATED, Event.DELETED, Event.TRUNCATED),
            EnumSet.of(Event.INSERTED),
            EnumSet.of(Event.UPDATED),
            EnumSet.of(Event.DELETED),
            EnumSet.of(Event.INSERTED, Event.DELETED),
            EnumSet.of(Event.UPDATED, Event.TRUNCATED));

    private final Random random;

    WatcherGenerator(Random random) {
        this.random = random;
    }

    List<Watcher> of(List<GeneratedTable> tables) {
        List<Watcher> watchers = new ArrayList<>();
        for (GeneratedTable table : tables) {
            boolean replicated = random.nextInt(6) == 0;
            boolean rowTriggers = random.nextInt(3) == 0;
            for (int i = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(3); i > 0; i--) {
                watchers.add(watcher(
                        "w" + (watchers.size() + 1),
                        table,
                        replicated && random.nextBoolean(),
                        rowTriggers && random.nextBoolean()));
            }
        }
        return watchers;
    }

    private Watcher watcher(String name, GeneratedTable table, boolean replicated, boolean rowTriggers) {
        Set<Event> events = EVENTS.get(random.nextInt(EVENTS.size()));
        // Every third watcher has no filter, so that every change of its table can be followed.
        boolean filters = random.nextInt(3) > 0;
        boolean updates = events.contains(Event.UPDATED);
        List<Column> extras = some(
                table.visible(), random.nextInt(3) == 0 ? 0 : table.columns().size());
        List<Column> keyColumns = random.nextInt(4) == 0
                ? some(table.visible().stream().filter(Column::notNull).toList(), 2)
                : List.of();
        return new Watcher(
                name,
                table,
                events,
                filters && updates && random.nextInt(2) == 0 ? some(table.visible(), 2) : List.of(),
                filters && !events.contains(Event.TRUNCATED) && random.nextInt(3) == 0
                        ? When.values()[random.nextInt(When.values().length)]
                        : null,
                extras,
                keyColumns,
                random.nextInt(4) == 0,
                updates && random.nextInt(3) == 0,
                filters && updates && random.nextInt(3) == 0,
                updates && !extras.isEmpty() && random.nextInt(3) == 0,
                replicated,
                rowTriggers);
    }

    private List<Column> some(List<Column> columns, int atMost) {
        List<Column> some = new ArrayList<>(columns);
        Collections.shuffle(some, random);
        return List.copyOf(some.subList(0, Math.min(some.size(), atMost == 0 ? 0 : 1 + random.nextInt(atMost))));
    }
}
