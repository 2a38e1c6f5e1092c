package io.ectowatch.connect.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.FaultyProxy;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import org.junit.jupiter.api.Test;

/** A connector whose schema has the objects of many other connectors. */
class SharedSchemaIT {

    /** Copies the functions of connector "crowd", with their comments, for 50 connectors more. */
    private static final String COPIES = """
            DO $$
            DECLARE
                found record;
            BEGIN
                FOR found IN
                    SELECT replace(pg_get_functiondef(p.oid), 'crowd', 'crowd' || i) AS created,
                           format('COMMENT ON FUNCTION ectowatch.%I(%s) IS %L', replace(p.proname, 'crowd', 'crowd' || i),
                                  oidvectortypes(p.proargtypes),
                                  replace(obj_description(p.oid, 'pg_proc'), 'crowd', 'crowd' || i)) AS commented
                    FROM pg_proc AS p, generate_series(1, 50) AS i
                    WHERE p.pronamespace = 'ectowatch'::regnamespace AND starts_with(p.proname, 'crowd.')
                LOOP
                    EXECUTE found.created;
                    EXECUTE found.commented;
                END LOOP;
            END $$
            """;

    private static final String TEXT_OF_COPIES = """
            SELECT coalesce(sum(length(prosrc)), 0) FROM pg_proc
            WHERE pronamespace = 'ectowatch'::regnamespace AND proname ~ '^crowd[0-9]+[.]'
            """;

    @NewDatabase
    private TestDatabase database;

    @Test
    void aStartDoesNotReadTheTextOfTheFunctionsOfOtherConnectors() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
        Watching.start(database, "tables=users", "name=crowd").close();
        Watching.start(database, "tables=users").close();
        long alone = receivedAtStart();
        database.execute(COPIES);
        long text = database.number(TEXT_OF_COPIES);
        assertThat(text).isGreaterThan(2_000_000);

        assertThat(receivedAtStart() - alone).isLessThan(text / 2);
    }

    /** What the server sends until everything is known to be installed. */
    private long receivedAtStart() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(database.host(), database.port())) {
            String url = "connection.url=jdbc:postgresql://localhost:" + proxy.port() + "/" + database.name();
            Watching.start(database, "tables=users", url).close();
            return proxy.received();
        }
    }
}
