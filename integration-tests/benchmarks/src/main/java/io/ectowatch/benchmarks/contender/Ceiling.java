package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Records from memory: the maximum throughput of Connect, producer and broker. */
final class Ceiling implements Contender {

    @Override
    public String name() {
        return "ceiling";
    }

    @Override
    public String description() {
        return "a source connector that returns prepared records of the same size from memory, and does nothing else";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of(Trait.KEEPS_BACKLOG, Trait.PUBLISHES_ROWS);
    }

    @Override
    public RunningContender start(Environment environment, List<String> tables) throws SQLException {
        return new Connector(environment, environment.newName("ceiling"), tables.get(0)).started();
    }

    private static final class Connector extends RunningConnector {

        private final String table;

        Connector(Environment environment, String name, String table) {
            super(environment, name);
            this.table = table;
        }

        RunningContender started() throws SQLException {
            return started(config(0, false));
        }

        /** The types of the primary key's columns, in their order in the table. */
        private String keyTypes() throws SQLException {
            return environment().text("""
                    SELECT string_agg(format_type(a.atttypid, NULL), ',' ORDER BY a.attnum)
                    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
                    WHERE i.indisprimary AND i.indrelid = '%s'::regclass
                    """.formatted(table));
        }

        private Map<String, String> config(int records, boolean backfill) throws SQLException {
            return Map.of(
                    "connector.class",
                    "io.ectowatch.benchmarks.control.CeilingConnector",
                    "topic",
                    "ceiling." + table,
                    "table",
                    table,
                    "key",
                    keyTypes(),
                    "records",
                    Integer.toString(records),
                    "backfill",
                    Boolean.toString(backfill));
        }

        @Override
        public void createBacklog(String watched, int changes, int rowsPerStatement) throws SQLException {
            configure(config(changes, false));
        }

        @Override
        public void publishRows(String watched, int rows) throws SQLException {
            configure(config(rows, true));
        }

        @Override
        public List<String> topics(String watched) {
            return List.of("ceiling." + watched);
        }

        @Override
        void awaitReady() {}

        @Override
        void removeDatabaseObjects() {}
    }
}
