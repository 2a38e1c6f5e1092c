package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Environment;
import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The rate at which backlogs of tables with different primary keys are published. */
final class DrainKeys implements Workload {

    /** The columns of each kind of key. {@code %1$s} is a sequence. */
    private static final Map<String, String> KEYS = new LinkedHashMap<>();

    static {
        // The product modulo a prime number is different for each number below it.
        KEYS.put("scattered bigint", "id bigint PRIMARY KEY DEFAULT nextval('%1$s') * 2654435761 %% 4294967291");
        KEYS.put("uuid", "id uuid PRIMARY KEY DEFAULT gen_random_uuid()");
        KEYS.put("text", "id text PRIMARY KEY DEFAULT substr(md5(nextval('%1$s')::text), 1, 20)");
        KEYS.put("int and bigint", """
                tenant int NOT NULL DEFAULT 1 + floor(random() * 100),
                id bigint NOT NULL DEFAULT nextval('%1$s'),
                PRIMARY KEY (tenant, id)""");
    }

    @Override
    public String name() {
        return "drain-keys";
    }

    @Override
    public String description(Options options) {
        return """
                As `drain`, with %,d changes of a table for each kind of primary key: a `bigint` that is not consecutive, a random \
                `uuid`, a `text` of 20 characters, and two columns (`int`, `bigint`). The ceiling's records have keys of the same \
                types.""".formatted(options.keyBacklog());
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.KEEPS_BACKLOG)
                && (contender.is(Trait.ANY_KEY) || contender.name().equals(reference()));
    }

    @Override
    public String reference() {
        return "ceiling";
    }

    @Override
    public void turn(Turn turn) throws Exception {
        for (Map.Entry<String, String> key : KEYS.entrySet()) {
            String table = create(turn.environment(), key.getValue());
            Drain.Times times = Drain.measure(turn, table, turn.options().keyBacklog(), Drain.ROWS_PER_STATEMENT);
            turn.add(key.getKey() + ": changes/s", "1/s", times.rate());
            turn.environment().execute("DROP TABLE %1$s; DROP SEQUENCE %1$s_keys".formatted(table));
        }
    }

    private static String create(Environment environment, String key) throws SQLException {
        String table = environment.newName("rows");
        environment.execute("""
                CREATE SEQUENCE %1$s_keys;
                CREATE TABLE %1$s (n int NOT NULL, words text NOT NULL, updated_at timestamptz NOT NULL DEFAULT now(), %2$s)
                """.formatted(table, key.formatted(table + "_keys")));
        return table;
    }
}
