package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One row of the journal that cannot be read costs its table a resync, and nothing else. */
class UnreadableRowsIT {

    private static final String[] SETTINGS = {
        "watchers=u,o",
        "watchers.u.table=users",
        "watchers.u.extra.columns=name",
        "watchers.o.table=other",
        "watchers.o.extra.columns=name"
    };

    /** Its encoding depends on the test's parameters. */
    @AutoClose
    private TestDatabase database;

    private void database(String encoding) throws Exception {
        database = TestDatabase.create(encoding);
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, name text)",
                "CREATE TABLE other (id int PRIMARY KEY, name text)");
    }

    /** 233 alone is no UTF-8; 129 is nothing in WIN1252; the rest can be converted. */
    @ParameterizedTest
    @CsvSource({"SQL_ASCII, 233, chr(195) || chr(169), é", "WIN1252, 129, chr(128), €", "LATIN1, 0, chr(233), é"})
    void aTextThatIsNotUtf8IsAResyncOfItsTableAndTheOthersAreDeliveredInOrder(
            String encoding, int bad, String good, String text) throws Exception {
        database(encoding);
        try (Watching watching = Watching.start(database, SETTINGS)) {
            database.execute(
                    "INSERT INTO users VALUES (1, " + good + ")",
                    bad == 0 ? "SELECT" : "INSERT INTO users VALUES (2, chr(" + bad + "))",
                    "INSERT INTO other VALUES (3, 'plain')",
                    "INSERT INTO users VALUES (4, " + good + ")");
            watching.changes(bad == 0 ? 3 : 4);
            List<String> published = new ArrayList<>(List.of(
                    "public.users inserted [1, " + text + "]",
                    "public.users resync",
                    "public.other inserted [3, plain]",
                    "public.users inserted [4, " + text + "]"));
            if (bad == 0) {
                published.remove(1);
            }
            assertThat(watching.published()).isEqualTo(published);
            assertThat(watching.metrics().unreadableChanges()).isEqualTo(bad == 0 ? 0 : 1);
        }
    }

    @Test
    void manyOfThemInALongBacklogAreEachReplacedAtTheirPlace() throws Exception {
        database("SQL_ASCII");
        Watching.start(database, SETTINGS).close();
        database.execute("DO $$ BEGIN FOR i IN 1..5000 LOOP INSERT INTO users VALUES (i, CASE WHEN i % 1000 = 7 THEN"
                + " chr(233) ELSE 'x' END); COMMIT; END LOOP; END $$");
        try (Watching watching = Watching.start(database, SETTINGS)) {
            List<Change> changes = watching.changes(5_000);
            for (int i = 1; i <= 5_000; i++) {
                Change change = changes.get(i - 1);
                if (i % 1000 == 7) {
                    assertThat(change.event()).isEqualTo(Event.RESYNC);
                } else {
                    assertThat(change.values()[0]).isEqualTo(i);
                }
            }
        }
    }

    @Test
    void aTaskGoesOnExactlyBehindOne() throws Exception {
        database("SQL_ASCII");
        Watching.start(database, SETTINGS).close();
        database.execute(
                "INSERT INTO users VALUES (1, 'a')",
                "INSERT INTO users VALUES (2, chr(233)), (3, 'b')",
                "INSERT INTO users VALUES (4, chr(233))",
                "INSERT INTO users VALUES (5, 'c')");
        List<String> piecewise = new ArrayList<>();
        Map<String, ?> offset = null;
        for (int i = 0; i < 4; i++) {
            try (Watching one =
                    offset == null ? Watching.start(database, SETTINGS) : Watching.resume(database, offset, SETTINGS)) {
                piecewise.add(Watching.describe(one.takeOne()));
                offset = one.lastOffset();
            }
        }
        assertThat(piecewise)
                .containsExactly(
                        "public.users inserted [1, a]",
                        "public.users resync",
                        "public.users resync",
                        "public.users inserted [5, c]");
    }

    /** A later version of the triggers may leave rows of a kind that this one does not know. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "event = 'x'",
                "body = '[7,'",
                "body = '{\"from\":1}'",
                "body = '[7,\"a\",1,2]'",
                "body = '[\"seven\",\"a\"]'",
                "body = '[null,\"a\"]'"
            })
    void aRowThatDoesNotFitIsAResyncOfItsTable(String damage) throws Exception {
        database("UTF8");
        Watching.start(database, SETTINGS).close();
        database.execute(
                "INSERT INTO users VALUES (1, 'a')",
                "UPDATE ectowatch.\"shop.journal.0\" SET " + damage,
                "INSERT INTO other VALUES (2, 'b')");
        try (Watching watching = Watching.start(database, SETTINGS)) {
            watching.changes(2);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder("public.users resync", "public.other inserted [2, b]");
        }
    }

    /** It says nothing of its table. */
    @Test
    void aRowOfALayoutThatIsNotRegisteredIsAResyncOfAllTables() throws Exception {
        database("UTF8");
        Watching.start(database, SETTINGS).close();
        database.execute(
                "INSERT INTO users VALUES (1, 'a')",
                "UPDATE ectowatch.\"shop.journal.0\" SET layout = 4711",
                "INSERT INTO other VALUES (2, 'b')");
        try (Watching watching = Watching.start(database, SETTINGS)) {
            watching.changes(3);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.users resync", "public.other resync", "public.other inserted [2, b]");
        }
    }

    @Test
    void aLayoutWhoseDefinitionIsDamagedCostsItsRowsOnly() throws Exception {
        database("UTF8");
        Watching.start(database, SETTINGS).close();
        database.execute(
                "INSERT INTO users VALUES (1, 'a')",
                "INSERT INTO ectowatch.\"shop.layouts\" (id, layout, definition) VALUES (4711, 'other', 'no JSON')",
                "UPDATE ectowatch.\"shop.journal.0\" SET layout = 4711");
        try (Watching watching = Watching.start(database, SETTINGS)) {
            watching.changes(2);
            assertThat(watching.published()).containsExactlyInAnyOrder("public.users resync", "public.other resync");
        }
    }
}
