package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever somebody writes is refused in a sentence, or does what was meant, and nothing else. */
class RandomWatchersIT {

    private static final int ROUNDS = 500;
    /** Of the configurations without a problem, how many are installed; that takes longer. */
    private static final int INSTALLED = 30;

    private static final List<String> SPLINTERS = List.of(
            "a",
            "B",
            "ä",
            "語",
            "🙂",
            " ",
            ".",
            ",",
            "\"",
            "'",
            "$",
            "$$",
            "$ectowatch$",
            "${body}",
            "{d '1'}",
            "{fn x()}",
            "%",
            "%s",
            "\\",
            "\n",
            "\t",
            ";",
            "--",
            "/*",
            "*/",
            "(",
            ")",
            "?",
            ":x",
            "|",
            "~",
            "new",
            "old",
            "select",
            "0",
            "DROP TABLE precious");

    private static final List<String> WORDS = List.of(
            "NEW.id",
            "OLD.id",
            "NEW.words",
            "OLD.words",
            "NEW",
            "OLD.*",
            "NEW.at",
            "\"new\".id",
            " = ",
            " > ",
            " <> ",
            " AND ",
            " OR ",
            " NOT ",
            "(",
            ")",
            "1",
            "0",
            "'x'",
            "'",
            "E'\\\\'",
            "''",
            "$$y$$",
            "$1",
            " IS NULL",
            " IS DISTINCT FROM ",
            " / 0",
            "::int",
            "::text",
            "||",
            "lower(",
            "now()",
            "nextval('counter')",
            "count(*)",
            "coalesce(",
            ", ",
            ";",
            "; DROP TABLE precious; --",
            "--",
            "/*",
            "*/",
            "(SELECT 1)",
            "(DELETE FROM precious RETURNING true)",
            "?",
            "{fn now()}",
            "\\",
            "true",
            "precious.id",
            ") OR (true",
            " LIKE '%'",
            "[1]",
            "ARRAY[1,2]",
            "\"",
            "\n");

    private final Random random = new Random(20_261_122);
    private TestDatabase database;

    @BeforeEach
    void aDatabaseWithSomethingToLose() throws Exception {
        database = TestDatabase.create();
        database.execute(
                "CREATE TABLE precious (id int PRIMARY KEY)",
                "INSERT INTO precious VALUES (1)",
                "CREATE SEQUENCE counter",
                "CREATE TABLE things (id int PRIMARY KEY, words text, at timestamptz, tag text NOT NULL DEFAULT 't')");
    }

    @AfterEach
    void close() {
        database.close();
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
                    "name=" + identifier() + "{d '1'}",
                    "delivery.mode=" + (batch % 2 == 0 ? "durable" : "notify"),
                    "include.changed.columns=true",
                    "old.values=true"));
            List<String> statements = new ArrayList<>();
            List<String> watchers = new ArrayList<>();
            for (int i = 0; i < tables / 5; i++) {
                Set<String> names = new LinkedHashSet<>();
                while (names.size() < columnsEach) {
                    names.add(identifier());
                }
                List<String> columns = names.stream().map(SqlText::identifier).toList();
                String table = SqlText.identifier(identifier());
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
    void anyConditionIsRefusedInASentenceOrFailsNoStatement() {
        assertTimeoutPreemptively(Duration.ofMinutes(5), () -> {
            String before = everythingElse();
            int sound = 0;
            for (int round = 0; round < ROUNDS; round++) {
                String[] settings = randomSettings();
                Map<String, String> errors = errors(settings);
                assertThat(errors.keySet())
                        .allMatch(key -> key.startsWith("watchers.w.") || key.equals("topic.format"));
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
        });
    }

    private String[] randomSettings() {
        List<String> settings = new ArrayList<>(List.of(
                "watchers=w",
                "watchers.w.table=" + pick("things", "thing*", "*.things", "precious, things", "\"things\""),
                "delivery.mode=" + pick("notify", "durable")));
        if (random.nextInt(3) > 0) {
            settings.add("watchers.w.when=" + condition());
        }
        option(settings, "events", "updated", "inserted,updated", "updated", "deleted", "truncated,updated");
        option(settings, "columns", "words", "words, at", "\"Words\"", "ad", identifier());
        option(settings, "key.columns", "tag", "id", "words", "tag,id", identifier());
        option(settings, "extra.columns", "words", "at,id", "", "nothing", identifier());
        option(settings, "label", "l", "l.m", "l m", identifier());
        option(settings, "topic", "t", "ectowatch.things.updated", "..", identifier());
        option(settings, "include.changed.columns", "true", "false", "perhaps");
        option(settings, "old.values", "true", "TRUE", "0");
        option(settings, "skip.unchanged.updates", "true", "", "yes");
        option(settings, "replicated", "true", "false", "always");
        return settings.toArray(String[]::new);
    }

    private void option(List<String> settings, String name, String... values) {
        if (random.nextInt(4) == 0) {
            // The first are the good ones.
            String value = values[Math.min(random.nextInt(values.length), random.nextInt(values.length))];
            settings.add("watchers.w." + name + "=" + value);
        }
    }

    /** Every other time something that has a chance. */
    private String condition() {
        if (random.nextBoolean()) {
            return pick("NEW.id", "OLD.id", "coalesce(NEW.id, OLD.id)", "length(NEW.words)")
                    + pick(" > ", " = ", " IS DISTINCT FROM ", " / ")
                    + pick("0", "1 / OLD.id", "NEW.id", "length(OLD.words)", "1 = 2")
                    + pick("", " AND NEW IS NOT NULL", " OR NEW.words ~ '('", " OR OLD.id IS NULL");
        }
        StringBuilder text = new StringBuilder();
        for (int words = random.nextInt(7); words >= 0; words--) {
            text.append(WORDS.get(random.nextInt(WORDS.size())));
        }
        return text.toString();
    }

    private String pick(String... values) {
        return values[random.nextInt(values.length)];
    }

    private String identifier() {
        StringBuilder name = new StringBuilder();
        for (int splinters = random.nextInt(6); splinters >= 0; splinters--) {
            name.append(SPLINTERS.get(random.nextInt(SPLINTERS.size())));
        }
        name.append(random.nextInt(1_000_000)); // lest two be the same
        while (name.toString().getBytes(StandardCharsets.UTF_8).length > SqlText.NAME_BYTES) {
            name.deleteCharAt(0);
            if (Character.isLowSurrogate(name.charAt(0))) {
                name.deleteCharAt(0);
            }
        }
        return name.toString().strip();
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

    /** The errors by key, several of one key joined. */
    private Map<String, String> errors(String... settings) {
        Map<String, String> props = new HashMap<>(Map.of(
                "name", "shop",
                "connector.class", EctoWatchSourceConnector.class.getName(),
                "connection.url", database.url(),
                "connection.user", database.user()));
        for (String setting : settings) {
            String[] pair = setting.split("=", 2);
            props.put(pair[0], pair[1]);
        }
        Map<String, String> errors = new HashMap<>();
        for (ConfigValue value : new EctoWatchSourceConnector().validate(props).configValues()) {
            if (!value.errorMessages().isEmpty()) {
                errors.put(value.name(), String.join(" ", value.errorMessages()));
            }
        }
        assertThat(errors.values()).allSatisfy(message -> assertThat(message)
                .doesNotContain("Exception")
                .doesNotContain("\tat ")
                .doesNotContain("PSQL")
                .doesNotContain("unexpectedly")
                .isNotBlank());
        return errors;
    }
}
