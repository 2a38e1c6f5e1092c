package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Columns that are named as something in the functions' own text: a variable, an alias, a function. */
class ColumnNamesIT {

    /** A change carries a hundred values at most, and here each column's previous one as well. */
    private static final int COLUMNS = 45;

    private static final Set<String> OF_EVERY_TABLE = Set.of("ctid", "xmin", "xmax", "cmin", "cmax", "tableoid");

    private static final Pattern COMMENT = Pattern.compile("--.*");
    private static final Pattern WORD = Pattern.compile("[a-z_][a-z0-9_]*", Pattern.CASE_INSENSITIVE);

    @NewDatabase
    private TestDatabase database;

    @ParameterizedTest
    @CsvSource({"durable, false", "durable, true", "notify, false", "notify, true"})
    void noColumnIsTakenForAnythingElse(String delivery, boolean rowTriggers) throws Exception {
        install(delivery, rowTriggers);
        List<String> words = words("%");
        assertThat(words).contains("whole", "given", "entry");
        // Only there is a way of its own for tables of which nothing but an integer key is carried. Such a column can
        // be
        // taken for something in the functions of such a table alone.
        List<String> keys = delivery.equals("durable") && !rowTriggers ? words("%.first.%") : words.subList(0, 1);
        database.execute("DROP TABLE t0, first", "DROP SCHEMA ectowatch CASCADE");
        List<List<String>> tables = new ArrayList<>();
        int count = (words.size() + COLUMNS - 1) / COLUMNS;
        for (int i = 0; i < count; i++) {
            tables.add(words.subList(words.size() * i / count, words.size() * (i + 1) / count));
        }
        for (int i = 0; i < tables.size(); i++) {
            create("t" + i, tables.get(i));
        }
        database.execute("CREATE SCHEMA keyed");
        for (String word : keys) {
            database.execute("CREATE TABLE " + SqlText.identifier("keyed", word) + " (" + SqlText.identifier(word)
                    + " int PRIMARY KEY)");
        }
        List<String> settings = settings(delivery, rowTriggers, tables);
        settings.add("tables=keyed.*");
        try (Watching watching = Watching.start(database, settings.toArray(String[]::new))) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < tables.size(); i++) {
                change("t" + i, tables.get(i), expected);
            }
            for (String word : keys) {
                String table = SqlText.identifier("keyed", word);
                database.execute(
                        "INSERT INTO " + table + " VALUES (1)",
                        "INSERT INTO " + table + " VALUES (2), (3)",
                        "UPDATE " + table + " SET " + SqlText.identifier(word) + " = 4 WHERE "
                                + SqlText.identifier(word) + " = 3",
                        "DELETE FROM " + table);
                expected.addAll(
                        List.of(
                                        "inserted",
                                        "inserted",
                                        "inserted",
                                        "inserted",
                                        "deleted",
                                        "deleted",
                                        "deleted",
                                        "deleted")
                                .stream()
                                .map(event -> "keyed." + word + " " + event)
                                .toList());
            }
            watching.changes(all ->
                    all.size() >= expected.size() || all.stream().anyMatch(change -> change.event() == Event.RESYNC));
            assertThat(watching.received())
                    .extracting(change -> change.table().shape().name() + " " + change.event())
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    /** The functions of two tables: {@code first} has an integer key and nothing else. */
    private void install(String delivery, boolean rowTriggers) throws Exception {
        database.execute("CREATE TABLE first (a int PRIMARY KEY)");
        List<List<String>> tables = List.of(List.of("a", "b"));
        create("t0", tables.get(0));
        List<String> settings = settings(delivery, rowTriggers, tables);
        settings.add("tables=first");
        Watching.start(database, settings.toArray(String[]::new)).close();
    }

    /** What stands in the functions whose names are like this, without the comments. */
    private List<String> words(String names) throws Exception {
        Set<String> words = new TreeSet<>();
        for (String body : database.column(
                "SELECT prosrc FROM pg_proc WHERE pronamespace = 'ectowatch'::regnamespace AND proname NOT LIKE '%uninstall%'"
                        + " AND proname LIKE '" + names + "'")) {
            Matcher word = WORD.matcher(COMMENT.matcher(body).replaceAll(""));
            while (word.find()) {
                words.add(word.group().toLowerCase(Locale.ROOT));
            }
        }
        words.removeAll(OF_EVERY_TABLE);
        return List.copyOf(words);
    }

    private void create(String table, List<String> columns) throws Exception {
        database.execute("CREATE TABLE " + table + " ("
                + columns.stream()
                        .map(column -> SqlText.identifier(column) + " int NOT NULL")
                        .collect(Collectors.joining(", "))
                + ", PRIMARY KEY (" + SqlText.identifier(columns.get(0)) + "))");
    }

    /** All that a watcher can ask for; together they mention every column in every way. */
    private static List<String> settings(String delivery, boolean rowTriggers, List<List<String>> tables) {
        List<String> settings = new ArrayList<>(List.of(
                "delivery.mode=" + delivery,
                "topic.format=${prefix}.${schema}.${table}.${event}",
                "row.triggers=" + rowTriggers,
                "include.changed.columns=true",
                "skip.unchanged.updates=true",
                "old.values=true"));
        List<String> watchers = new ArrayList<>();
        for (int i = 0; i < tables.size(); i++) {
            String names = tables.get(i).stream().map(SqlText::identifier).collect(Collectors.joining(","));
            String condition = tables.get(i).stream()
                    .map(SqlText::identifier)
                    .map(name -> "coalesce(NEW." + name + ", OLD." + name + ") > 0")
                    .collect(Collectors.joining(" AND "));
            watchers.addAll(List.of("all" + i, "some" + i));
            settings.addAll(List.of(
                    "watchers.all" + i + ".table=t" + i,
                    "watchers.all" + i + ".extra.columns=" + names,
                    "watchers.all" + i + ".when=" + condition,
                    "watchers.some" + i + ".table=t" + i,
                    "watchers.some" + i + ".label=some" + i,
                    "watchers.some" + i + ".columns=" + names,
                    "watchers.some" + i + ".key.columns="
                            + SqlText.identifier(tables.get(i).get(1))));
        }
        settings.add("watchers=" + String.join(",", watchers));
        return settings;
    }

    private void change(String table, List<String> columns, List<String> expected) throws Exception {
        String row = "g" + ", 1".repeat(columns.size() - 1);
        String key = SqlText.identifier(columns.get(0));
        String last = SqlText.identifier(columns.get(columns.size() - 1));
        database.execute(
                "INSERT INTO " + table + " VALUES (" + row.replace("g", "1") + ")",
                "INSERT INTO " + table + " SELECT " + row + " FROM generate_series(2, 4) AS g",
                "UPDATE " + table + " SET " + last + " = 1",
                "UPDATE " + table + " SET " + last + " = 2 WHERE " + key + " = 1",
                "UPDATE " + table + " SET " + last + " = 3",
                "UPDATE " + table + " SET " + key + " = 9 WHERE " + key + " = 4",
                "DELETE FROM " + table + " WHERE " + key + " = 1",
                "DELETE FROM " + table);
        for (String event : List.of(
                "inserted",
                "inserted",
                "inserted",
                "inserted",
                "updated",
                "updated",
                "updated",
                "updated",
                "updated",
                "deleted",
                "inserted",
                "deleted",
                "deleted",
                "deleted",
                "deleted")) {
            expected.add("public." + table + " " + event);
        }
    }
}
