package io.ectowatch.connect.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.backfill.Backfill.Cause;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.record.TypeCase;
import io.ectowatch.connect.record.TypeCases;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tables are read row by row in the order of their keys, whatever types these have: the last key of a chunk finds the next. */
class KeyTypesIT {

    /** Types that other roles can create, other than enums, and arrays of such types. */
    private static final List<String> REFUSED =
            List.of("array: mood[]", "array: pair[]", "array: int2vector", "composite: pair", "domain: smalls");

    private static final ObjectNames NAMES = new ObjectNames("shop", "ectowatch");

    private static final TestDatabase DATABASE = TestDatabase.create();

    private static final Map<String, TypeCase> TYPES = new LinkedHashMap<>();
    private static final List<String> REST = List.of("collated", "composite_key", "parts", "Odd \"name\"", "many_keys");

    private static Connection connection;

    @BeforeAll
    static void tables() throws Exception {
        // Before PostgreSQL 15 every role may create operators there, so types of extensions are not trusted.
        DATABASE.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        DATABASE.execute(TypeCases.SETUP.toArray(String[]::new));
        DATABASE.execute("CREATE SCHEMA ectowatch");
        connection = DATABASE.connect();
        int version = TestDatabase.serverVersion();
        for (TypeCase type : TypeCases.all()) {
            if (version >= type.since() && !type.samples().isEmpty()) {
                create(type);
            }
        }
        DATABASE.execute(
                "CREATE COLLATION ignoring (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "CREATE TABLE collated (name text COLLATE ignoring, n int, PRIMARY KEY (name, n))",
                "INSERT INTO collated SELECT x, n FROM unnest(ARRAY['b', 'A', 'a', 'B', 'ä', 'Z', 'z', '']) WITH ORDINALITY"
                        + " AS u (x, n)",
                "CREATE TABLE composite_key (a text, b numeric, c timestamptz, n int, PRIMARY KEY (a, b, c))",
                "INSERT INTO composite_key SELECT 'k' || n % 3, n % 5 / 10.0, '2024-01-01'::timestamptz + n * interval"
                        + " '1 min', n FROM generate_series(1, 40) AS n",
                "CREATE TABLE parts (region text, id int, PRIMARY KEY (region, id)) PARTITION BY LIST (region)",
                "CREATE TABLE parts_a PARTITION OF parts FOR VALUES IN ('a', 'c')",
                "CREATE TABLE parts_b PARTITION OF parts FOR VALUES IN ('b') PARTITION BY RANGE (id)",
                "CREATE TABLE parts_b1 PARTITION OF parts_b FOR VALUES FROM (0) TO (5)",
                "CREATE TABLE parts_b2 PARTITION OF parts_b DEFAULT",
                "INSERT INTO parts SELECT chr(97 + n % 3), n FROM generate_series(1, 12) AS n",
                "CREATE TABLE \"Odd \"\"name\"\"\" (\"The \"\"key\" int PRIMARY KEY, x int)",
                "INSERT INTO \"Odd \"\"name\"\"\" VALUES (1, 1), (2, 2)",
                "CREATE TABLE many_keys (a int, b smallint, c bigint, d mood, PRIMARY KEY (d, c, b, a))",
                "INSERT INTO many_keys SELECT n, n % 2, n % 3, CASE WHEN n % 2 = 0 THEN 'sad' ELSE 'a,b' END::mood"
                        + " FROM generate_series(1, 9) AS n");
    }

    private static void create(TypeCase type) throws SQLException {
        String name = "t" + TYPES.size();
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + name + " (v " + type.declared() + ")");
            try {
                statement.execute("ALTER TABLE " + name + " ADD PRIMARY KEY (v)");
            } catch (SQLException e) {
                statement.execute("DROP TABLE " + name);
                return; // cannot be a key
            }
            for (TypeCase.Sample sample : type.samples()) {
                statement.execute("INSERT INTO " + name + " VALUES (" + sample.sql() + ") ON CONFLICT DO NOTHING");
            }
            TYPES.put(name, type);
        }
    }

    @AfterAll
    static void close() throws SQLException {
        connection.close();
        DATABASE.close();
    }

    private static List<String> rows(String query) throws SQLException {
        return ReadTable.rows(connection, query);
    }

    private static WatchedTable table(String name) throws SQLException {
        return ReadTable.of(connection, name);
    }

    /** The entries of all rows, read one by one: by the role itself, and by the function of the table. */
    private static List<String> read(String name) throws Exception {
        List<Chunk.Row> rows = read(name, ReadAccess.OWN);
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : ReadFunction.of(connection, NAMES, table(name))
                    .orElseThrow()
                    .create(DATABASE.user())) {
                statement.execute(sql);
            }
        }
        assertThat(read(name, ReadAccess.FUNCTIONS)).as(name).isEqualTo(rows);
        return rows.stream().map(Chunk.Row::entry).toList();
    }

    private static List<Chunk.Row> read(String name, ReadAccess access) throws Exception {
        List<Chunk.Row> rows = new ArrayList<>();
        try (Connection own = DATABASE.connect()) {
            ChunkReader reader = new ChunkReader(own, NAMES, access, 1);
            WatchedTable table = table(name);
            Backfill backfill = new Backfill("x", table.shape().name(), Cause.CALL, null);
            while (true) {
                Chunk chunk = reader.next(backfill, table, ChunkLimits.ALONE);
                if (chunk == null) {
                    continue; // the server is busy
                }
                if (chunk.rows().isEmpty()) {
                    return rows;
                }
                Chunk.Row row = chunk.rows().get(0);
                rows.add(row);
                backfill = backfill.after(chunk.key(), row.key(), 1);
                assertThat(rows.size()).isLessThan(1000);
            }
        }
    }

    @Test
    void everyTypeOfAKeyIsReadInTheOrderOfItsIndex() throws Exception {
        List<String> refused = new ArrayList<>();
        for (Map.Entry<String, TypeCase> type : TYPES.entrySet()) {
            int expected = rows("SELECT 1 FROM " + type.getKey()).size();
            try {
                assertThat(read(type.getKey()))
                        .as(type.getValue().toString())
                        .hasSize(expected)
                        .doesNotHaveDuplicates();
            } catch (BackfillFailedException e) {
                assertThat(e).hasMessageContaining("does not trust");
                refused.add(type.getValue().toString());
            }
        }

        assertThat(refused).containsExactlyInAnyOrderElementsOf(REFUSED);
    }

    @Test
    void compositeKeysPartitionsCollationsAndOddNames() throws Exception {
        for (String name : REST) {
            String quoted = "\"" + name.replace("\"", "\"\"") + "\"";
            int expected = rows("SELECT 1 FROM " + quoted).size();

            assertThat(read(name)).as(name).hasSize(expected).doesNotHaveDuplicates();
        }
    }

    @Test
    void childrenOfAnInheritanceTreeAreTablesOfTheirOwn() throws Exception {
        DATABASE.execute(
                "CREATE TABLE parent (id int PRIMARY KEY)",
                "CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)",
                "CREATE TABLE grandchild (PRIMARY KEY (id)) INHERITS (child)",
                "INSERT INTO parent VALUES (1)",
                "INSERT INTO child VALUES (2)",
                "INSERT INTO grandchild VALUES (3)");

        assertThat(read("parent")).containsExactly("[1]");
        assertThat(read("child")).containsExactly("[2]");
        assertThat(read("grandchild")).containsExactly("[3]");
    }

    @Test
    void eachReadIsAScanOfTheKeysIndexFromTheLastKeyOn() throws Exception {
        DATABASE.execute(
                "CREATE TABLE large (a int, b text, filler text, PRIMARY KEY (a, b))",
                "INSERT INTO large SELECT n / 100, n::text, 'x' FROM generate_series(1, 20000) AS n");
        WatchedTable table = table("large");
        try (Connection own = DATABASE.connect()) {
            new ChunkReader(own, NAMES, ReadAccess.OWN);
            KeyOrder order = KeyOrder.read(own, table);
            String query = new ChunkQuery(NAMES, table, order, null, true).text(List.of("7", "750"), 10);
            List<String> plan = new ArrayList<>();
            try (Statement statement = own.createStatement();
                    ResultSet row = statement.executeQuery("EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) " + query)) {
                while (row.next()) {
                    plan.add(row.getString(1).strip());
                }
            }

            assertThat(plan)
                    .anyMatch(line -> line.matches("-> +Index (Only )?Scan using large_pkey on large x .*rows=10.*"))
                    .anyMatch(line -> line.startsWith("Index Cond: (ROW(a, b) > ROW(7, '750'::text))"))
                    .noneMatch(line -> line.contains("Sort") || line.contains("Rows Removed"));
        }
    }

    @Test
    void columnsOfAnEnumAreOrderedAsTheEnum() throws Exception {
        assertThat(read("many_keys")).startsWith("[\"sad\", 0, 0, 6]");
    }
}
