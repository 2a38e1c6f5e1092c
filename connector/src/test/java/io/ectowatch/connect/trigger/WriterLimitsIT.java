package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a writer's session sets, and what its limits are, make no statement fail because of the triggers. */
class WriterLimitsIT {

    private static final String SIZE = "SELECT pg_total_relation_size('ectowatch.\"shop.journal.0\"')"
            + " + pg_total_relation_size('ectowatch.\"shop.journal.1\"')"
            + " + pg_total_relation_size('ectowatch.\"shop.journal.2\"')";

    @NewDatabase
    private TestDatabase database;

    @InBothDeliveries
    void aSessionThatEndsOnAnyErrorAndFindsTheMostErrorsEndsOnNoStatement(String delivery) throws Exception {
        database.execute(
                "ALTER DATABASE " + database.name() + " SET plpgsql.extra_errors = 'all'",
                "CREATE TABLE items (id int PRIMARY KEY, n int)",
                "CREATE TABLE words (id text PRIMARY KEY, n int)",
                "CREATE TABLE parted (id int PRIMARY KEY, n int) PARTITION BY RANGE (id)",
                "CREATE TABLE others PARTITION OF parted DEFAULT",
                "CREATE TABLE chosen (id int PRIMARY KEY, n int)");
        List<String> expected = new ArrayList<>();
        try (Watching watching = Watching.start(
                        database,
                        "tables=items, words, parted",
                        "watchers=chosen",
                        "watchers.chosen.table=chosen",
                        "watchers.chosen.row.triggers=true",
                        "delivery.mode=" + delivery);
                Connection connection = database.connect();
                Statement writer = connection.createStatement()) {
            writer.execute("SET exit_on_error = on");
            writer.execute("SET plpgsql.extra_errors = 'all'");
            for (String table : List.of("items", "words", "parted", "chosen")) {
                for (String statement : List.of(
                        "INSERT INTO %s SELECT 1 WHERE false",
                        "INSERT INTO %s VALUES ('1')",
                        "INSERT INTO %s VALUES ('2'), ('3')",
                        "UPDATE %s SET n = 1 WHERE id = '0'",
                        "UPDATE %s SET n = 1 WHERE id = '1'",
                        "UPDATE %s SET n = 1 WHERE id IN ('2', '3')",
                        "UPDATE %s SET id = '4' WHERE id = '1'",
                        "DELETE FROM %s WHERE id = '0'",
                        "DELETE FROM %s WHERE id = '4'",
                        "DELETE FROM %s")) {
                    writer.execute(statement.formatted(table));
                }
                for (String event : List.of(
                        "inserted [1]",
                        "inserted [2]",
                        "inserted [3]",
                        "updated [1]",
                        "updated [2]",
                        "updated [3]",
                        "deleted [1]",
                        "inserted [4]",
                        "deleted [4]",
                        "deleted [2]",
                        "deleted [3]")) {
                    expected.add("public." + table + " " + event);
                }
                writer.execute("INSERT INTO " + table + " SELECT g FROM generate_series(1, 2500) g");
                writer.execute("UPDATE " + table + " SET n = 1");
            }
            watching.changes(expected.size() + 4 * 5_000);
            assertThat(watching.published()).containsAll(expected).noneMatch(change -> change.contains("resync"));
        }
    }

    /** With the smallest limit a row is checked most often for its size: 8,000 times as often for each byte. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLargeRowIsPublishedAlsoWithTheSmallestJournal(boolean rowTriggers) throws Exception {
        database.execute("CREATE TABLE docs (id int PRIMARY KEY, words text)");
        try (Watching watching = Watching.start(
                database,
                "journal.max.bytes=1048576",
                "watchers=d",
                "watchers.d.table=docs",
                "watchers.d.row.triggers=" + rowTriggers,
                "watchers.d.extra.columns=words")) {
            database.execute(
                    "INSERT INTO docs SELECT 1, string_agg(md5(g::text), '') FROM generate_series(1, 15000) g");
            watching.changes(1);
            assertThat(watching.published()).noneMatch(change -> change.contains("resync"));
            assertThat(watching.received().get(0).values()[1].toString()).hasSize(480_000);
        }
    }

    /** As JSON, each of the characters takes six bytes, and all of them more than PostgreSQL's gigabyte. */
    @ParameterizedTest
    @CsvSource({
        "durable, docs, ''",
        "durable, docs, watchers.d.columns=words",
        "durable, docs, row.triggers=true",
        "durable, parted, ''",
        "notify, docs, ''",
        "notify, docs, watchers.d.columns=words"
    })
    void aRowThatCannotBePrintedIsCarriedByItsKeyAlone(String delivery, String table, String filter) throws Exception {
        database.execute(
                "CREATE TABLE docs (id int PRIMARY KEY, words text)",
                "CREATE TABLE parted (id int PRIMARY KEY, words text) PARTITION BY RANGE (id)",
                "CREATE TABLE others PARTITION OF parted DEFAULT");
        List<String> settings = new ArrayList<>(List.of(
                "watchers=d",
                "watchers.d.table=" + table,
                "watchers.d.extra.columns=words",
                "delivery.mode=" + delivery));
        if (!filter.isEmpty()) {
            settings.add(filter);
        }
        try (Watching watching = Watching.start(database, settings.toArray(String[]::new))) {
            database.execute("INSERT INTO " + table + " SELECT g, CASE g WHEN 3 THEN repeat(E'\\x01', 190000000) END"
                    + " FROM generate_series(1, 3) g");
            watching.changes(3);
            assertThat(watching.received()).allMatch(change -> change.event() == Event.INSERTED);
            assertThat(watching.received().stream().map(change -> change.values()[0]))
                    .containsExactly(1, 2, 3);
        }
    }

    /** A level of the recursion takes some 3 kB of the stack, and a trigger as much as three of them. */
    @InBothDeliveries
    void aStatementWithinManyCallsHasAlmostTheWholeStackForItself(String delivery) throws Exception {
        for (String table : List.of("items", "plain")) {
            database.execute(
                    "CREATE TABLE " + table + " (id int PRIMARY KEY)",
                    "CREATE FUNCTION deep_" + table + "(level int, id int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
                            + " IF level > 0 THEN PERFORM deep_" + table + "(level - 1, id);"
                            + " ELSE INSERT INTO " + table + " VALUES (id); END IF; END $$");
        }
        try (Watching watching = Watching.start(database, "tables=items", "delivery.mode=" + delivery)) {
            int deepest = deepest("items");
            int alone = deepest("plain");
            assertThat(deepest).isBetween(alone - 8, alone);
            watching.changes(all -> watching.published().contains("public.items inserted [" + deepest + "]")
                    || watching.published().contains("public.items resync"));
        }
    }

    private int deepest(String table) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET max_stack_depth = '200kB'");
            for (int level = 0; ; level++) {
                try {
                    statement.execute("SELECT deep_" + table + "(" + level + ", " + level + ")");
                } catch (SQLException e) {
                    assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("54001");
                    return level - 1;
                }
            }
        }
    }

    @Test
    void aRoleThatMayHaveHardlyAnyTemporaryFilesChangesManyRows() throws Exception {
        String writer = database.role("writer");
        database.execute(
                "CREATE TABLE words (id text PRIMARY KEY, n int)",
                "CREATE TABLE uuids (id uuid PRIMARY KEY, n int)",
                "GRANT ALL ON words, uuids TO " + writer,
                "ALTER ROLE " + writer + " SET temp_file_limit = '64kB'",
                "ALTER ROLE " + writer + " SET work_mem = '4MB'");
        try (Watching watching = Watching.start(database, "tables=words, uuids", "doorbell=off");
                Connection connection = database.connectAs(writer);
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO words SELECT 'word number ' || g FROM generate_series(1, 25000) g");
            statement.execute("INSERT INTO uuids SELECT md5(g::text)::uuid FROM generate_series(1, 25000) g");
            watching.changes(50_000);
            assertThat(watching.published()).noneMatch(change -> change.contains("resync"));
            watching.forget();

            // The rows before and after are joined, and that takes more than the role may have.
            statement.execute("UPDATE words SET n = 1");
            watching.changes(all -> watching.published().contains("public.words resync")
                    || all.stream()
                                    .filter(change -> change.event() == Event.UPDATED)
                                    .count()
                            == 25_000);
        }
    }

    /** Where the rows of a statement are larger than work_mem, PostgreSQL itself writes them to a file for statement triggers. */
    @ParameterizedTest
    @CsvSource({"durable, replicated", "durable, row.triggers", "notify, row.triggers"})
    void rowTriggersNeedNoTemporaryFilesAtAll(String delivery, String setting) throws Exception {
        String writer = database.role("writer");
        database.execute(
                "CREATE TABLE words (id text PRIMARY KEY, n int)",
                "GRANT ALL ON words TO " + writer,
                "ALTER ROLE " + writer + " SET temp_file_limit = '64kB'",
                "ALTER ROLE " + writer + " SET work_mem = '64kB'");
        try (Watching watching =
                        Watching.start(database, "tables=words", setting + "=true", "delivery.mode=" + delivery);
                Connection connection = database.connectAs(writer);
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO words SELECT 'word number ' || generate_series(1, 20000)");
            statement.execute("UPDATE words SET n = 1 WHERE id < 'word number 2'");
            statement.execute("DELETE FROM words");
            watching.changes(all -> all.stream()
                            .filter(change -> change.event() == Event.DELETED)
                            .count()
                    == 20_000);
            assertThat(watching.published()).noneMatch(change -> change.contains("resync"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CREATE TABLE many (id text PRIMARY KEY), INSERT INTO many SELECT md5(g::text) FROM generate_series(1; 400000) g, false",
        "CREATE TABLE many (id uuid PRIMARY KEY), INSERT INTO many SELECT md5(g::text)::uuid FROM generate_series(1; 400000) g, false",
        "CREATE TABLE many (id int PRIMARY KEY; words text) PARTITION BY RANGE (id);; CREATE TABLE one PARTITION OF many DEFAULT,"
                + " INSERT INTO many SELECT g; (SELECT string_agg(md5((g * h)::text); '') FROM generate_series(1; 1500) h)"
                + " FROM generate_series(1; 400) g, false",
        "CREATE TABLE many (id int PRIMARY KEY; words text),"
                + " INSERT INTO many SELECT g; (SELECT string_agg(md5((g * h)::text); '') FROM generate_series(1; 1500) h)"
                + " FROM generate_series(1; 400) g, true"
    })
    void oneStatementDoesNotWriteMuchMoreThanTheJournalMayHold(String create, String insert, boolean rowTriggers)
            throws Exception {
        for (String statement : create.split(";;")) {
            database.execute(statement.replace(';', ','));
        }
        String extra = create.contains("words") ? "words" : "id";
        try (Watching watching = Watching.start(
                database,
                "watchers=m",
                "watchers.m.table=many",
                extra.equals("words") ? "watchers.m.extra.columns=words" : "watchers.m.events=inserted",
                "watchers.m.row.triggers=" + rowTriggers,
                "journal.max.bytes=1048576",
                "doorbell=off")) {
            database.execute(insert.replace(';', ','));
            assertThat(database.number("SELECT last_value & 3 FROM ectowatch.\"shop.ring\""))
                    .isEqualTo(3);
            assertThat(database.number(SIZE)).isLessThan(8L << 20);
            watching.changes(all -> watching.published().contains("public.many resync"));
        }
    }
}
