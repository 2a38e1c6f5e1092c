package io.ectowatch.connect.generated;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.generated.Content.Image;
import io.ectowatch.connect.generated.Effect.RowChange;
import io.ectowatch.connect.generated.GeneratedTable.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Which records a watcher should publish of a change of a row, as {@link Published} prints them. */
final class Expectation {

    private final Watcher watcher;
    private final GeneratedTable table;

    Expectation(Watcher watcher) {
        this.watcher = watcher;
        this.table = watcher.table();
    }

    /** The possible records, each a list. */
    List<List<String>> of(RowChange change) {
        if (change.before() == null) {
            return List.of(inserted(change.after()));
        } else if (change.after() == null) {
            return List.of(deleted(change.before()));
        }
        List<String> updated = updated(change.before(), change.after());
        if (!change.twoRows()) {
            return List.of(updated);
        }
        List<String> both = new ArrayList<>(deleted(change.before()));
        both.addAll(inserted(change.after()));
        return List.of(updated, both);
    }

    private List<String> inserted(Image row) {
        return watcher.events().contains(Event.INSERTED) && holds(row, null)
                ? List.of(record(Event.INSERTED, row, row, false, null))
                : List.of();
    }

    private List<String> deleted(Image row) {
        return watcher.events().contains(Event.DELETED) && holds(null, row)
                ? List.of(record(Event.DELETED, row, row, false, null))
                : List.of();
    }

    private List<String> updated(Image before, Image after) {
        if (!watcher.events().contains(Event.UPDATED) || !differ(before, after) || !holds(after, before)) {
            return List.of();
        }
        List<String> records = new ArrayList<>();
        if (!recordKey(before).equals(recordKey(after))) {
            records.add(record(Event.UPDATED, after, before, true, before));
        }
        records.add(record(Event.UPDATED, after, after, false, before));
        return records;
    }

    private boolean differ(Image before, Image after) {
        if (!watcher.columns().isEmpty()) {
            return watcher.columns().stream().anyMatch(column -> differs(column, before, after));
        }
        return !watcher.skip() || !before.texts().equals(after.texts());
    }

    private boolean holds(Image now, Image before) {
        return watcher.when() == null
                || watcher.when()
                        .holds(now == null ? null : now.number(table), before == null ? null : before.number(table));
    }

    private static boolean differs(Column column, Image before, Image after) {
        return column.sort().differ(before.texts().get(column), after.texts().get(column));
    }

    private String recordKey(Image row) {
        return row.key(watcher.keyColumns().isEmpty() ? table.key() : watcher.keyColumns());
    }

    private String record(Event event, Image row, Image keyed, boolean former, Image before) {
        String text = Published.text(
                event.text(),
                recordKey(keyed),
                former,
                watcher.label() ? "about_" + watcher.name() : null,
                watcher.extras().isEmpty() ? null : row.key(watcher.extras()));
        if (watcher.changed()) {
            text += " changed "
                    + (before == null
                            ? "null"
                            : table.visible().stream()
                                    .filter(column -> differs(column, before, row))
                                    .map(Column::name)
                                    .collect(Collectors.joining(", ", "[", "]")));
        }
        if (watcher.old()) {
            text += " old " + (before == null ? "null" : "{" + before.key(watcher.extras()) + "}");
        }
        return text;
    }
}
