package io.ectowatch.connect.install;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.TableName;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the rows of the journal hold, kept in the database beside them: a row outlives the configuration that it was
 * written under, and must be read as it was written.
 */
public final class LayoutRegistry {

    private static final JsonFactory JSON = new JsonFactory();

    private final ObjectNames names;

    public LayoutRegistry(ObjectNames names) {
        this.names = names;
    }

    /** The number by which the journal calls the table's layout; registers it when it is new. */
    int id(Connection connection, WatchedTable table) throws SQLException {
        String find = "SELECT id FROM " + names.layouts() + " WHERE layout = ?";
        Optional<Integer> known = one(connection, find, table.layout());
        if (known.isPresent()) {
            return known.get();
        }
        String add = "INSERT INTO " + names.layouts() + " (layout, definition) VALUES (?, ?)"
                + " ON CONFLICT (layout) DO UPDATE SET layout = excluded.layout RETURNING id";
        return one(connection, add, table.layout(), definition(table)).orElseThrow();
    }

    private static Optional<Integer> one(Connection connection, String sql, String... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(row.getInt(1)) : Optional.empty();
            }
        }
    }

    /**
     * Every registered layout by its number, as a table to read its rows with. Who watches the table is taken from
     * {@code watched}; an extra column that a layout does not have is left out.
     *
     * @return without the layouts of tables that nobody watches any more
     */
    public Map<Integer, WatchedTable> read(Connection connection, List<WatchedTable> watched) throws SQLException {
        Map<TableName, WatchedTable> byName = new HashMap<>();
        watched.forEach(table -> byName.put(table.shape().name(), table));
        Map<Integer, WatchedTable> layouts = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, layout, definition FROM " + names.layouts())) {
            while (row.next()) {
                TableShape shape = shape(row.getString(3));
                WatchedTable current = byName.get(shape.name());
                if (current != null) {
                    layouts.put(
                            row.getInt(1),
                            current.layout().equals(row.getString(2)) ? current : asItWas(shape, current));
                }
            }
        }
        return layouts;
    }

    /** The carried columns in their order, which is all that a reader needs to know of the table. */
    private static String definition(WatchedTable table) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartArray();
            json.writeString(table.shape().name().schema());
            json.writeString(table.shape().name().table());
            json.writeNumber(table.shape().key().size());
            for (Column column : table.carried()) {
                json.writeString(column.name());
                json.writeString(column.kind().name());
                json.writeString(column.typeName());
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory cannot fail", e);
        }
        return text.toString();
    }

    private static TableShape shape(String definition) {
        try (JsonParser json = JSON.createParser(definition)) {
            json.nextToken();
            TableName name = new TableName(json.nextTextValue(), json.nextTextValue());
            int keyLength = json.nextIntValue(0);
            List<Column> columns = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                String column = json.getText();
                ColumnKind kind = ColumnKind.valueOf(json.nextTextValue());
                columns.add(new Column(column, kind, json.nextTextValue(), true, false));
            }
            return new TableShape(0, name, "", columns, columns.subList(0, keyLength), TableShape.Triggers.STATEMENT);
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalStateException("the journal's table of layouts is damaged: " + definition, e);
        }
    }

    private static WatchedTable asItWas(TableShape shape, WatchedTable current) {
        // Every carried column beyond the key is some watcher's extra column: the first watcher takes the order along.
        List<Column> extras =
                shape.columns().subList(shape.key().size(), shape.columns().size());
        List<WatchedTable.TableWatcher> watchers = new ArrayList<>();
        for (WatchedTable.TableWatcher watcher : current.watchers()) {
            List<Column> wanted = extras.stream()
                    .filter(column -> watcher.extraColumns().stream()
                            .anyMatch(extra -> extra.name().equals(column.name())))
                    .toList();
            watchers.add(new WatchedTable.TableWatcher(watcher.events(), wanted, watcher.label(), watcher.topics()));
        }
        return new WatchedTable(shape, watchers, shape.columns());
    }
}
