package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Environment;
import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.probe.Writers;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The cost for concurrent writers of each kind of one-row statement, and of those on a wide table with indexes. */
final class OneRow implements Workload {

    /** The rows of the tables whose rows are updated. */
    private static final int UPDATED_ROWS = 100_000;

    @Override
    public String name() {
        return "one-row";
    }

    @Override
    public String description(Options options) {
        return """
                %d concurrent writers (%s, in a separate process) of one-row transactions, %d s for each kind of statement, as \
                in `writers`. `UPDATE`: a random one of %,d rows. `DELETE`: each of %,d rows once, in the order of the key. \
                *Wide*: a table of 12 columns and five indexes with rows of some 300 bytes; its `UPDATE` changes two \
                indexed columns of a random one of %,d rows.\s""".formatted(
                                options.oneRowWriters(),
                                Writers.kind(),
                                options.writing(),
                                UPDATED_ROWS,
                                options.oneRowRows(),
                                UPDATED_ROWS)
                + WriterCosts.meaning(options);
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.COMPLETE) || contender.is(Trait.BOUNDS_WRITERS);
    }

    @Override
    public void turn(Turn turn) throws Exception {
        Map<String, WrittenTable> kinds = new LinkedHashMap<>();
        kinds.put("INSERT", new WriterCost.Inserted());
        kinds.put("UPDATE", new Updated());
        kinds.put("DELETE", new Deleted(turn.options().oneRowRows()));
        kinds.put("wide INSERT", new WideTable.Inserted());
        kinds.put("wide UPDATE", new WideTable.Updated(UPDATED_ROWS));
        for (Map.Entry<String, WrittenTable> kind : kinds.entrySet()) {
            new WriterCosts(turn, kind.getValue(), turn.options().oneRowWriters()).measure(kind.getKey());
        }
    }

    private static String filledTable(Environment environment, int rows) throws SQLException {
        String table = environment.newTable();
        environment.execute("INSERT INTO %s (n, words) SELECT n, 'row number ' || n FROM generate_series(1, %d) n"
                .formatted(table, rows));
        // So that neither autovacuum nor the first plans differ between the measurements.
        environment.execute("VACUUM (ANALYZE) " + table);
        return table;
    }

    /** Random rows of the usual table are updated. */
    private static final class Updated implements WrittenTable {

        @Override
        public String create(Environment environment) throws SQLException {
            return filledTable(environment, UPDATED_ROWS);
        }

        @Override
        public String statement(String table) {
            return "UPDATE %s SET n = n + 1 WHERE id = (SELECT 1 + floor(random() * %d)::int)"
                    .formatted(table, UPDATED_ROWS);
        }
    }

    /** Each row of the usual table is deleted once. */
    private record Deleted(int rows) implements WrittenTable {

        @Override
        public String create(Environment environment) throws SQLException {
            String table = filledTable(environment, rows);
            environment.execute("CREATE SEQUENCE %1$s_deleted OWNED BY %1$s.id".formatted(table));
            return table;
        }

        @Override
        public String statement(String table) {
            return "DELETE FROM %1$s WHERE id = (SELECT nextval('%1$s_deleted'))".formatted(table);
        }

        @Override
        public void check(Environment environment, String table) throws SQLException {
            if (environment.number("SELECT last_value FROM %s_deleted".formatted(table)) > rows) {
                throw new IllegalStateException(
                        "the writers deleted all %,d rows before the end, and then measured statements that find no row; give more rows with -Dbench.one-row.rows"
                                .formatted(rows));
            }
        }
    }
}
