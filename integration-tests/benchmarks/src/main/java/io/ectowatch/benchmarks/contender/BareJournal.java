package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The minimum cost of a journal for the writers: for each event, a trigger with one statement, without conditions, without
 * an exception block and without SECURITY DEFINER.
 */
final class BareJournal implements Contender {

    /** The letter of each event, and the part of its trigger's definition with the table. */
    private static final Map<String, String> EVENTS = Map.of(
            "i", "INSERT ON %s REFERENCING NEW TABLE",
            "u", "UPDATE ON %s REFERENCING NEW TABLE",
            "d", "DELETE ON %s REFERENCING OLD TABLE");

    @Override
    public String name() {
        return "bare-journal";
    }

    @Override
    public String description() {
        return "a statement trigger with one `INSERT INTO journal SELECT`, an index on the journal, and no reader";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of(Trait.BOUNDS_WRITERS);
    }

    @Override
    public RunningContender start(Environment environment, List<String> tables) throws SQLException {
        String name = environment.newName("journal");
        environment.execute("""
                CREATE TABLE %1$s (
                    lsn pg_lsn NOT NULL,
                    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
                    at timestamptz NOT NULL DEFAULT clock_timestamp(),
                    layout integer NOT NULL,
                    event "char" NOT NULL,
                    body text NOT NULL) WITH (autovacuum_enabled = false);
                CREATE INDEX ON %1$s (lsn);
                """.formatted(name));
        for (Map.Entry<String, String> event : EVENTS.entrySet()) {
            String function = name + "_" + event.getKey();
            environment.execute("""
                    CREATE FUNCTION %2$s() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        INSERT INTO %1$s (lsn, layout, event, body)
                        SELECT pg_current_wal_insert_lsn(), 1, '%3$s', x.id::text FROM changed_rows AS x;
                        RETURN NULL;
                    END $$
                    """.formatted(name, function, event.getKey()));
            for (String table : tables) {
                environment.execute(
                        "CREATE TRIGGER %1$s AFTER %2$s AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION %1$s()"
                                .formatted(function, event.getValue().formatted(table)));
            }
        }
        return new UnwatchedTables(environment) {
            @Override
            public void close() throws SQLException {
                environment.execute(
                        "DROP FUNCTION %1$s_i(), %1$s_u(), %1$s_d() CASCADE; DROP TABLE %1$s".formatted(name));
            }
        };
    }
}
