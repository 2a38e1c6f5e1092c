package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.log.RepeatedLog;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Layout;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.AbsentTables;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The contents of the journal's rows, stored in the database with them: a row outlives the configuration under which
 * it was written, and must be read as it was written.
 */
public final class LayoutRegistry {

    private static final Logger log = LoggerFactory.getLogger(LayoutRegistry.class);

    private final RepeatedLog repeated = new RepeatedLog();

    /**
     * The registered layouts.
     *
     * @param watched the layouts of watched tables, by their numbers; may be modified
     * @param unwatched the numbers of the layouts of tables that are not watched any more
     */
    public record Registered(Map<Integer, WatchedTable> watched, Set<Integer> unwatched) {}

    private final ObjectNames names;

    public LayoutRegistry(ObjectNames names) {
        this.names = names;
    }

    /**
     * The numbers of the tables' layouts in the journal, including those that are already registered.
     *
     * @param connection to a database with a layouts table
     */
    public LayoutNumbers numbers(Connection connection, List<WatchedTable> tables) throws SQLException {
        return numbers(known(connection), tables);
    }

    /** The same for a database without layouts. */
    public LayoutNumbers numbers(List<WatchedTable> tables) {
        return numbers(Map.of(), tables);
    }

    /**
     * A new number is a hash, so that it is known before there is a journal; if another layout has it, the next hash.
     */
    private LayoutNumbers numbers(Map<String, Integer> known, List<WatchedTable> tables) {
        Map<String, Integer> numbers = new HashMap<>(known);
        List<String> registrations = new ArrayList<>();
        Map<String, String> missing = new HashMap<>();
        for (WatchedTable table : tables) {
            String layout = table.layout();
            for (int attempt = 0; !numbers.containsKey(layout); attempt++) {
                int number = number(layout, attempt);
                if (!numbers.containsValue(number)) {
                    numbers.put(layout, number);
                }
            }
            String registration = "INSERT INTO " + names.layouts() + " (id, layout, definition) VALUES ("
                    + numbers.get(layout) + ", " + SqlText.literal(layout) + ", "
                    + SqlText.literal(table.contents().definition())
                    + ") ON CONFLICT (layout) DO NOTHING";
            registrations.add(registration);
            if (!known.containsKey(layout)) {
                missing.put(layout, registration);
            }
        }
        return new LayoutNumbers(numbers, registrations, missing);
    }

    private static int number(String layout, int attempt) {
        return Integer.parseUnsignedInt(SqlText.hash(8, layout, Integer.toString(attempt)), 16) & Integer.MAX_VALUE;
    }

    private Map<String, Integer> known(Connection connection) throws SQLException {
        Map<String, Integer> known = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT layout, id FROM " + names.layouts())) {
            while (row.next()) {
                known.put(row.getString(1), row.getInt(2));
            }
        }
        return known;
    }

    /**
     * Every registered layout by its number, as a table to read its rows with. The table's watchers are taken from
     * {@code watched}; an extra column that a layout does not have is omitted.
     *
     * @param absent tables that are asked for and not watched now: what was captured of them before is read nevertheless
     * @return without those whose definition cannot be read
     */
    public Registered read(Connection connection, List<WatchedTable> watched, AbsentTables absent) throws SQLException {
        Map<TableName, WatchedTable> byName = new HashMap<>();
        watched.forEach(table -> byName.put(table.shape().name(), table));
        Map<Integer, WatchedTable> layouts = new HashMap<>();
        Set<Integer> unwatched = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, layout, definition FROM " + names.layouts())) {
            while (row.next()) {
                int number = row.getInt(1);
                try {
                    Layout layout = Layout.parse(row.getString(3));
                    WatchedTable current = byName.get(layout.table());
                    if (current == null) {
                        absent.of(layout.table())
                                .ifPresentOrElse(
                                        table -> layouts.put(number, table.writtenAs(layout)),
                                        () -> unwatched.add(number));
                    } else {
                        boolean same = current.layout().equals(row.getString(2));
                        layouts.put(number, same ? current : current.writtenAs(layout));
                    }
                } catch (IllegalArgumentException e) {
                    repeated.log(
                            "layout " + number,
                            more -> log.error(
                                    "The definition of layout {} in table {} cannot be read. Each journal row of this"
                                            + " layout becomes a resync of all tables. Reason: {}{}",
                                    number,
                                    names.layouts(),
                                    e.getMessage(),
                                    more));
                }
            }
        }
        return new Registered(layouts, unwatched);
    }
}
