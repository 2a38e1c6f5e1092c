package io.ectowatch.connect;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** A connector that has made all that one can make, and is to go. */
abstract class LeavingConnector {

    /** All objects that the connector can have created, and their schemas. */
    static final String OURS = """
            SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = 'ectowatch'
            UNION ALL SELECT 'relation ' || oid::regclass FROM pg_class WHERE relname LIKE 'shop%'
            UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE proname LIKE 'shop%'
            UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT 'comment ' || description FROM pg_description WHERE description LIKE '%ectowatch%'
            """;

    @NewDatabase
    TestDatabase database;

    @BeforeEach
    void twoTables() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text)",
                "CREATE TABLE posts (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
                "CREATE TABLE posts_2026 PARTITION OF posts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')");
    }

    /** Has a task install, and end. */
    void leave(String... settings) throws Exception {
        Watching.start(database, settings).close();
        database.awaitNoTask();
    }

    static String[] watchingAll(String delivery, String... more) {
        String[] settings = Arrays.copyOf(
                new String[] {
                    "delivery.mode=" + delivery,
                    "tables=posts",
                    "watchers=named, emptied",
                    "watchers.named.table=users",
                    "watchers.named.events=inserted,updated",
                    "watchers.named.when=NEW.id > 0",
                    "watchers.emptied.table=users",
                    "watchers.emptied.events=truncated"
                },
                8 + more.length);
        System.arraycopy(more, 0, settings, 8, more.length);
        return settings;
    }

    boolean alter(String[] settings, Map<Map<String, ?>, Map<String, ?>> offsets) {
        return new EctoWatchSourceConnector()
                .alterOffsets(Watching.config(database, settings).originalsStrings(), offsets);
    }

    List<String> query(String sql) throws Exception {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = public");
            boolean rowsCome = statement.execute(sql);
            while (!rowsCome) {
                rowsCome = statement.getMoreResults();
            }
            try (ResultSet row = statement.getResultSet()) {
                while (row.next()) {
                    rows.add(row.getString(1));
                }
            }
        }
        rows.sort(null);
        return rows;
    }
}
