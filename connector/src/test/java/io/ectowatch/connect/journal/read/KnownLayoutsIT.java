package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.record.PerTable;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.watch.AbsentTables;
import io.ectowatch.connect.watch.ResolvedWatchers;
import io.ectowatch.connect.watch.WatchedTable;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** However often the catalog is read, what is kept of it does not grow. */
class KnownLayoutsIT {

    private static final String[] SETTINGS = {"tables=users, orders, items"};
    private static final int TABLES = 3;
    private static final int LOOKS = 1_000;

    /** What a thousand looks may leave in the heap: much less than the tables of all of them, which are some 4.5 MiB. */
    private static final long RETAINED_BYTES = 2 << 20;

    private final Set<Object> made = Collections.newSetFromMap(new IdentityHashMap<>());

    @NewDatabase
    private TestDatabase database;

    private Connection connection;
    private ConnectorConfig config;
    private KnownLayouts layouts;

    @BeforeEach
    void watchedTables() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY)",
                "CREATE TABLE orders (id int PRIMARY KEY)",
                "CREATE TABLE items (id int PRIMARY KEY)");
        Watching.start(database, SETTINGS).close();
        connection = database.connect();
        config = Watching.config(database, SETTINGS);
        layouts = new KnownLayouts(
                new ObjectNames("shop", "ectowatch"),
                this::read,
                new AbsentTables(List.of(), new TopicFormat("p", "${table}.${event}")));
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
    }

    private List<WatchedTable> read() {
        try {
            return ResolvedWatchers.read(
                            connection,
                            config.watchers(),
                            config.tablesMax(),
                            config.topicFormat(),
                            Set.of(),
                            "ectowatch",
                            "",
                            "postgres",
                            false)
                    .tables();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void readingTheCatalogAThousandTimesMakesNothingNewAndRetainsNothing() throws Exception {
        PerTable<Object> perTable = new PerTable<>(this::make, layouts::inUse);
        long before = 0;
        for (int look = 0; look < LOOKS; look++) {
            layouts.learn(connection);
            useAll(perTable);
            if (look == LOOKS / 10) {
                before = usedHeap();
            }
        }
        assertThat(made).hasSize(TABLES);
        assertThat(layouts.inUse()).hasSize(TABLES);
        assertThat(usedHeap() - before).isLessThan(RETAINED_BYTES);
    }

    /** In bytes, after a garbage collection. */
    private static long usedHeap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    /** Each time another column makes the table another one; its layout stays as it was, since it carries the key only. */
    @Test
    void whatWasMadeForATableAsItWasIsDropped() throws Exception {
        PerTable<Object> perTable = new PerTable<>(this::make, layouts::inUse);
        for (int change = 0; change < 100; change++) {
            database.execute("ALTER TABLE users ADD c" + change + " int");
            layouts.learn(connection);
            useAll(perTable);
        }
        assertThat(made).hasSize(TABLES + 99);
        assertThat(layouts.inUse()).hasSize(TABLES);
        assertThat(perTable.size()).isLessThan(TABLES + 20);
    }

    @Test
    void aLayoutStaysKnownWhenItsTableIsNotWatchedAnyMore() throws Exception {
        layouts.learn(connection);
        database.execute("DROP TABLE items");
        config = Watching.config(database, "tables=users, orders");
        layouts.learn(connection);
        assertThat(layouts.tables()).hasSize(2);
        assertThat(layouts.byNumber()).hasSize(TABLES);
    }

    private Object make(WatchedTable table) {
        Object fresh = new Object();
        made.add(fresh);
        return fresh;
    }

    /** As changes do that arrive between two reads of the catalog. */
    private void useAll(PerTable<Object> perTable) {
        layouts.tables().forEach(perTable::of);
        layouts.byNumber().values().forEach(perTable::of);
    }
}
