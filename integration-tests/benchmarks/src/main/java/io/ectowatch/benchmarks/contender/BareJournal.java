package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * The minimum cost of a journal for the writers: a trigger with one statement, without conditions, without an exception
 * block and without SECURITY DEFINER.
 */
final class BareJournal implements Contender {

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
                CREATE FUNCTION %1$s() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO %1$s (lsn, layout, event, body)
                    SELECT pg_current_wal_insert_lsn(), 1, 'i', x.id::text FROM new_rows AS x;
                    RETURN NEW;
                END $$
                """.formatted(name));
        for (String table : tables) {
            environment.execute("CREATE TRIGGER journal AFTER INSERT ON " + table
                    + " REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION " + name + "()");
        }
        return new UnwatchedTables(environment) {
            @Override
            public void close() throws SQLException {
                environment.execute("DROP FUNCTION %1$s() CASCADE; DROP TABLE %1$s".formatted(name));
            }
        };
    }
}
