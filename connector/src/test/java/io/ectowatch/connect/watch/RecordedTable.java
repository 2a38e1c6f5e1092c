package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.CatalogTable;
import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnReader;
import io.ectowatch.connect.catalog.ColumnType;
import io.ectowatch.connect.catalog.OrderRisk;
import io.ectowatch.connect.catalog.OrderRisks;
import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.names.TableName;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A table of schema {@code public} as the catalog describes it, for tests that have no database.
 *
 * @param name its name
 * @param key the names of the primary key's columns
 * @param partitioned whether it is partitioned, by its first column
 * @param deferrable whether its key is deferrable
 * @param columns such as {@code id int4 NOT NULL}, with types of {@code pg_catalog} by their names in {@code pg_type}
 */
public record RecordedTable(
        String name, List<String> key, boolean partitioned, boolean deferrable, List<String> columns) {

    private static final Map<String, String> DECLARED = Map.of(
            "int4", "integer",
            "int8", "bigint",
            "timestamptz", "timestamp with time zone",
            "_text", "text[]");

    public static RecordedTable ordinary(String name, String key, String... columns) {
        return new RecordedTable(name, List.of(key.split(", ")), false, false, List.of(columns));
    }

    public static RecordedTable partitioned(String name, String key, String... columns) {
        return new RecordedTable(name, List.of(key.split(", ")), true, false, List.of(columns));
    }

    public static RecordedTable deferrable(String name, String key, String... columns) {
        return new RecordedTable(name, List.of(key.split(", ")), false, true, List.of(columns));
    }

    /** The statements that create such a table. */
    public List<String> create() {
        String create = columns.stream()
                .collect(Collectors.joining(
                        ", ",
                        "CREATE TABLE public." + name + " (",
                        ", PRIMARY KEY (" + String.join(", ", key) + ")"
                                + (deferrable ? " DEFERRABLE INITIALLY DEFERRED" : "") + ")"));
        return partitioned
                ? List.of(
                        create + " PARTITION BY RANGE (" + key.get(0) + ")",
                        "CREATE TABLE public." + name + "_rest PARTITION OF public." + name + " DEFAULT")
                : List.of(create);
    }

    /** What these tables are for the watchers of that configuration. */
    public static List<WatchedTable> watched(ConnectorConfig config, RecordedTable... tables) {
        Map<Long, List<Column>> columns = new HashMap<>();
        WatcherResolver matching = new WatcherResolver(
                Arrays.stream(tables).map(RecordedTable::relation).toList(),
                Map.of(),
                Set.of(),
                config.delivery().schema(),
                "postgres",
                true);
        Arrays.stream(tables)
                .forEach(table -> columns.put(
                        table.oid(),
                        table.columns().stream().map(RecordedTable::column).toList()));
        config.watchers().forEach(matching::match);
        ResolvedWatchers found = matching.watchlist(columns, risks(tables), config.topicFormat());
        if (!found.problems().isEmpty()) {
            throw new IllegalArgumentException(found.problems().toString());
        }
        return found.tables();
    }

    private static OrderRisks risks(RecordedTable... tables) {
        return new OrderRisks(
                Arrays.stream(tables)
                        .filter(RecordedTable::deferrable)
                        .collect(Collectors.toMap(RecordedTable::oid, table -> Set.of(OrderRisk.DEFERRABLE_KEY))),
                List.of());
    }

    private long oid() {
        return name.hashCode() & 0xFFFF_FFFFL;
    }

    private CatalogTable relation() {
        return new CatalogTable(
                oid(),
                new TableName("public", name),
                partitioned ? CatalogTable.Kind.PARTITIONED_TABLE : CatalogTable.Kind.TABLE,
                List.of(),
                false,
                false,
                key,
                Optional.empty(),
                "postgres",
                true,
                true,
                true,
                false);
    }

    private static Column column(String definition) {
        String[] words = definition.split(" ", 3);
        String type = words[1];
        boolean array = type.startsWith("_");
        return new Column(
                words[0],
                ColumnReader.builtIn(type),
                DECLARED.getOrDefault(type, type),
                words.length < 3,
                false,
                new ColumnType("pg_catalog", type, array ? ColumnType.Form.ARRAY : ColumnType.Form.SCALAR));
    }
}
