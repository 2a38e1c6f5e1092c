package io.ectowatch.connect.protocol;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.record.Row;
import io.ectowatch.connect.watch.WatchedTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Samples of what versions of the connector have written. They stay as they are; new ones are added beside them. */
public final class Saved {

    private static final Path DIRECTORY = Path.of("src/test/resources/io/ectowatch/connect/protocol/saved");

    private Saved() {}

    /** The lines of a file but for those that begin with {@code --}. */
    public static List<String> lines(String file) throws IOException {
        return Files.readAllLines(DIRECTORY.resolve(file)).stream()
                .filter(line -> !line.isEmpty() && !line.startsWith("--"))
                .toList();
    }

    /** The table of that layout, for the readers of its rows. What the table has today plays no part. */
    public static WatchedTable table(Layout layout) {
        Column key = new Column("another", ColumnKind.TEXT, "text", false, false);
        TableShape now = new TableShape(
                1, layout.table(), "postgres", List.of(key), List.of(key), TableShape.Triggers.STATEMENT);
        WatchedTable.TableWatcher watcher = new WatchedTable.TableWatcher(
                Set.of(Event.INSERTED), List.of(), null, Map.of(Event.INSERTED, "topic", Event.RESYNC, "topic"));
        return new WatchedTable(now, List.of(watcher)).writtenAs(layout);
    }

    /** All that a row has, as text. */
    public static String text(Row row) {
        if (row == null) {
            return "no row";
        }
        return Arrays.deepToString(row.values())
                + (row.extrasLeftOut() ? " shortened" : "")
                + (row.choice() == 0 ? "" : " watchers " + row.choice())
                + (row.changed() == null ? "" : " changed " + row.changed())
                + (row.before().length == 0 ? "" : " before " + Arrays.deepToString(row.before()))
                + (row.statement() == 0 ? "" : " statement " + row.statement());
    }
}
