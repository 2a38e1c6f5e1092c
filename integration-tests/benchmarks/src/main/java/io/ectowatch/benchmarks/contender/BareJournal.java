package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Arena;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * The least that a trigger can do that keeps changes in a table: one statement, no decision, nothing caught, no privilege
 * that the writer does not have. What any journal costs writers.
 */
final class BareJournal implements Contender {

    @Override
    public String name() {
        return "bare-journal";
    }

    @Override
    public String description() {
        return "a statement trigger with one `INSERT INTO journal SELECT`, an index on the journal, and nobody who reads it";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of(Trait.BOUNDS_WRITERS);
    }

    @Override
    public Running start(Arena arena, List<String> tables) throws SQLException {
        String name = arena.newName("journal");
        arena.execute("""
                CREATE TABLE %1$s (
                    seq pg_lsn NOT NULL,
                    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
                    at timestamptz NOT NULL DEFAULT clock_timestamp(),
                    layout integer NOT NULL,
                    event "char" NOT NULL,
                    body text NOT NULL) WITH (autovacuum_enabled = false);
                CREATE INDEX ON %1$s (seq);
                CREATE FUNCTION %1$s() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO %1$s (seq, layout, event, body)
                    SELECT pg_current_wal_insert_lsn(), 1, 'i', x.id::text FROM new_rows AS x;
                    RETURN NEW;
                END $$
                """.formatted(name));
        for (String table : tables) {
            arena.execute("CREATE TRIGGER journal AFTER INSERT ON " + table
                    + " REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION " + name + "()");
        }
        return new Unattended(arena) {
            @Override
            public void close() throws SQLException {
                arena.execute("DROP FUNCTION %1$s() CASCADE; DROP TABLE %1$s".formatted(name));
            }
        };
    }
}
