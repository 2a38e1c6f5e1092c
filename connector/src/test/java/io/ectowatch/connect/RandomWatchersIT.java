package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever somebody writes is refused in a sentence, or does what was meant, and nothing else. */
class RandomWatchersIT {

    private static final int ROUNDS = 500;
    /** Of the configurations without a problem, how many are installed; that takes longer. */
    private static final int INSTALLED = 30;

    /** No validation takes so long, on any machine. */
    private static final Duration HANGS = Duration.ofMinutes(2);

    private final RandomSettings random = new RandomSettings(20_261_122);

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aDatabaseWithSomethingToLose() throws Exception {
        database.execute(
                "CREATE TABLE precious (id int PRIMARY KEY)",
                "INSERT INTO precious VALUES (1)",
                "CREATE SEQUENCE counter",
                "CREATE TABLE things (id int PRIMARY KEY, words text, at timestamptz, tag text NOT NULL DEFAULT 't')");
    }

    @Test
    void anyNameThatPostgresTakesCanBeWatchedComparedCarriedAndKeyedBy() throws Exception {
        int columnsEach = 9;
        int tables = ROUNDS / (columnsEach + 1);
        String before = everythingElse();
        List<String> created = new ArrayList<>();
        for (int batch = 0; batch < 5; batch++) {
            List<String> settings = new ArrayList<>(List.of(
                    // The last is an escape of JDBC's, which must reach the server as it is.
                    "name=" + random.identifier() + "{d '1'}",
                    "delivery.mode=" + (batch % 2 == 0 ? "durable" : "notify"),
                    "include.changed.columns=true",
                    "old.values=true"));
            List<String> statements = new ArrayList<>();
            List<String> watchers = new ArrayList<>();
            for (int i = 0; i < tables / 5; i++) {
                Set<String> names = new LinkedHashSet<>();
                while (names.size() < columnsEach) {
                    names.add(random.identifier());
                }
                List<String> columns = names.stream().map(SqlText::identifier).toList();
                String table = SqlText.identifier(random.identifier());
                created.add(table);
                database.execute("CREATE TABLE " + table + " (" + String.join(" int NOT NULL, ", columns)
                        + " int, PRIMARY KEY (" + columns.get(0) + "))");
                watchers.add("w" + i);
                String prefix = "watchers.w" + i + ".";
                settings.addAll(List.of(
                        prefix + "table=" + table,
                        prefix + "label=" + batch + "-" + i,
                        prefix + "columns=" + columns.get(2),
                        prefix + "key.columns=" + columns.get(3) + ", " + columns.get(4),
                        prefix + "when=coalesce(NEW." + columns.get(5) + ", OLD." + columns.get(5) + ") = 5",
                        prefix + "extra.columns=" + String.join(",", columns)));
                statements.add("INSERT INTO " + table + " VALUES (0, 1, 2, 3, 4, 5, 6, 7, 8)");
                statements.add("UPDATE " + table + " SET " + columns.get(2) + " = -2");
                statements.add("UPDATE " + table + " SET " + columns.get(1) + " = -1");
                statements.add("UPDATE " + table + " SET " + columns.get(5) + " = -5," + columns.get(2) + " = -3");
            }
            settings.add("watchers=" + String.join(",", watchers));
            String[] all = settings.toArray(String[]::new);

            assertThat(errors(all)).isEmpty();
            try (Watching watching = Watching.start(database, all)) {
                database.execute(statements.toArray(String[]::new));
                watching.changes(2 * watchers.size());
                assertThat(EitherDelivery.records(watching))
                        .hasSize(2 * watchers.size())
                        .allSatisfy(record -> assertThat(record.key().toString())
                                .contains("=3,")
                                .contains("=4}"));
            }
        }
        for (String table : created) {
            database.execute("DROP TABLE " + table);
        }
        assertThat(everythingElse()).isEqualTo(before);
    }

    @Test
    void anyConditionIsRefusedInASentenceOrFailsNoStatement() throws Exception {
        String before = everythingElse();
        int sound = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String[] settings = random.next();
            Map<String, String> errors = assertTimeoutPreemptively(HANGS, () -> errors(settings));
            assertThat(errors.keySet()).allMatch(key -> key.startsWith("watchers.w.") || key.equals("topic.format"));
            if (errors.isEmpty() && sound++ < INSTALLED) {
                try (Watching watching = Watching.start(database, settings)) {
                    database.execute(
                            "INSERT INTO things (id, words) VALUES (1, 'x'), (0, NULL)",
                            "UPDATE things SET words = words || 'y'",
                            "DELETE FROM things");
                    watching.poll();
                }
            }
        }
        // Both kinds must occur, or the loop shows little.
        assertThat(sound).isBetween(INSTALLED, ROUNDS - INSTALLED);
        assertThat(everythingElse()).isEqualTo(before);
    }

    /** All that is in the database beside the connector's own schema and triggers. */
    private String everythingElse() throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT string_agg(concat_ws(' ', c.relname, c.relkind), ',' ORDER BY c.relname)
                               || ' ' || (SELECT count(*) FROM pg_proc p WHERE p.pronamespace NOT IN
                                       (SELECT oid FROM pg_namespace WHERE nspname IN ('ectowatch', 'information_schema')))
                               || ' ' || (SELECT count(*) FROM pg_namespace WHERE nspname <> 'ectowatch')
                               || ' ' || (SELECT count(*) FROM pg_roles)
                               || ' ' || (SELECT string_agg(id::text, ',') FROM precious)
                               || ' ' || (SELECT is_called FROM counter)
                        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
                        """)) {
            row.next();
            return row.getString(1);
        }
    }

    private Map<String, String> errors(String... settings) {
        Map<String, String> errors = Validation.errors(database, settings);
        assertThat(errors.values()).allSatisfy(message -> assertThat(message)
                .doesNotContain("PSQL")
                .doesNotContain("unexpectedly")
                .isNotBlank());
        return errors;
    }
}
