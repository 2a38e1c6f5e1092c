package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.CatalogTable;
import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnReader;
import io.ectowatch.connect.catalog.ExtensionTables;
import io.ectowatch.connect.catalog.Trust;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.config.names.TablePattern;
import io.ectowatch.connect.protocol.Marker;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tables that a watcher can name, and the columns that all tables of a pattern have: what a form offers.
 *
 * @param tables those that can be watched, first those on which the role may create triggers; partitions are left out,
 *     since they are watched through their root
 * @param columns by pattern, the columns that triggers can see, in the first table's order; none if no table matches
 */
public record TableChoices(List<TableName> tables, Map<TablePattern, List<Column>> columns) {

    /** Of how many tables of a pattern the columns are read. */
    private static final int MOST_TABLES = 100;

    public TableChoices {
        tables = List.copyOf(tables);
        columns = Map.copyOf(columns);
    }

    /**
     * Reads the catalog: a few queries, whatever the number of tables and patterns.
     *
     * @param patterns those whose columns are wanted
     * @param ownSchema the schema of the connector's own objects, which is left out
     * @param role the connected role
     */
    public static TableChoices read(
            Connection connection, Collection<TablePattern> patterns, String ownSchema, String role)
            throws SQLException {
        Trust trust = Trust.read(connection, ownSchema, role, true);
        List<CatalogTable> relations = CatalogTable.readAll(connection, ownSchema, "", Marker.beginning());
        TableObstacles obstacles = new TableObstacles(relations, ExtensionTables.read(connection, trust), role, true);
        List<CatalogTable> watchable = relations.stream()
                .filter(relation -> !relation.name().schema().equals(ownSchema)
                        && obstacles.of(relation).isEmpty())
                .toList();
        Map<TablePattern, List<Column>> columns = new LinkedHashMap<>();
        Map<TablePattern, List<Long>> matched = new LinkedHashMap<>();
        patterns.forEach(pattern -> matched.put(pattern, matched(pattern, watchable)));
        List<Long> all =
                matched.values().stream().flatMap(List::stream).distinct().toList();
        Map<Long, List<Column>> read = new ColumnReader(trust).read(connection, all);
        matched.forEach((pattern, tables) -> columns.put(
                pattern,
                common(tables.stream()
                        .map(table -> read.getOrDefault(table, List.of()))
                        .toList())));
        List<TableName> tables = watchable.stream()
                .filter(table -> !table.partition())
                .sorted(Comparator.comparing(table -> !(table.mayTrigger() && table.mayUseSchema())))
                .map(CatalogTable::name)
                .toList();
        return new TableChoices(tables, columns);
    }

    private static List<Long> matched(TablePattern pattern, List<CatalogTable> tables) {
        return tables.stream()
                .filter(table -> pattern.matches(table.name()) && !(pattern.isGlob() && table.partition()))
                .limit(MOST_TABLES)
                .map(CatalogTable::oid)
                .toList();
    }

    /** A column counts as nullable if it is in any of the tables. */
    private static List<Column> common(List<List<Column>> tables) {
        Map<String, Column> common = new LinkedHashMap<>();
        boolean first = true;
        for (List<Column> columns : tables) {
            Map<String, Column> seen = new LinkedHashMap<>();
            columns.stream().filter(column -> !column.virtual()).forEach(column -> seen.put(column.name(), column));
            if (first) {
                common.putAll(seen);
                first = false;
            } else {
                common.keySet().retainAll(seen.keySet());
                common.replaceAll((name, column) -> column.nullable() ? column : seen.get(name));
            }
        }
        return List.copyOf(common.values());
    }
}
