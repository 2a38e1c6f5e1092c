package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.protocol.RingBits;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Statement;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What comes when little was expected: the reader has had a small change, and looks at little more than the next one. */
class FastPathQueryIT {

    private static final String[] NOTES = {
        "watchers=notes", "watchers.notes.table=notes", "watchers.notes.extra.columns=note"
    };

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE notes (id int PRIMARY KEY, note text)");
    }

    @Test
    void largeChangesBetweenSmallOnesArePublishedWhole() throws Exception {
        try (Watching watching = Watching.start(database, NOTES)) {
            small(watching, 1);
            for (int round = 1; round <= 3; round++) {
                int id = 10 * round;
                database.execute(
                        "INSERT INTO notes VALUES (" + id + ", 'x')",
                        "INSERT INTO notes VALUES (" + (id + 1) + ", repeat('y', 300000))",
                        "INSERT INTO notes VALUES (" + (id + 2) + ", 'z')");
                watching.forget();
                List<Change> changes = watching.changes(3);
                assertThat(changes.stream().map(change -> noteOf(change).length()))
                        .containsExactly(1, 300_000, 1);
            }
        }
    }

    @Test
    void manyRowsOfOneTransactionArePublishedInTheirOrder() throws Exception {
        try (Watching watching = Watching.start(database, NOTES)) {
            for (int rows = 15; rows <= 20; rows++) {
                int first = 100 * rows;
                small(watching, first);
                watching.forget();
                Statement writer = database.begin("INSERT INTO notes VALUES (" + (first + 1) + ", '')");
                for (int row = 2; row <= rows; row++) {
                    writer.execute("INSERT INTO notes VALUES (" + (first + row) + ", '')");
                }
                writer.execute("COMMIT");
                watching.changes(rows);
                assertThat(watching.published())
                        .containsExactlyElementsOf(IntStream.rangeClosed(first + 1, first + rows)
                                .mapToObj(id -> "public.notes inserted [" + id + ", ]")
                                .toList());
            }
        }
    }

    @Test
    void changesOfOneKeyInSeveralTablesOfTheRingKeepTheirOrder() throws Exception {
        try (Watching watching = Watching.start(database, NOTES)) {
            turn(2);
            small(watching, 1);
            watching.forget();
            Statement writer = database.begin("INSERT INTO notes VALUES (7, 'a')");
            turn(0);
            writer.execute("UPDATE notes SET note = 'b' WHERE id = 7");
            turn(1);
            writer.execute("UPDATE notes SET note = 'c' WHERE id = 7");
            writer.execute("COMMIT");
            watching.changes(3);
            assertThat(watching.published())
                    .containsExactly(
                            "public.notes inserted [7, a]",
                            "public.notes updated [7, b]",
                            "public.notes updated [7, c]");
        }
    }

    private void small(Watching watching, int id) throws Exception {
        int before = watching.received().size();
        database.execute("INSERT INTO notes VALUES (" + id + ", 'small')");
        watching.changes(before + 1);
    }

    private void turn(int table) throws Exception {
        database.execute("SELECT setval('ectowatch.\"shop.ring\"', last_value & " + RingBits.ASLEEP + " | " + table
                + ") FROM ectowatch.\"shop.ring\"");
    }

    private static String noteOf(Change change) {
        return (String) change.values()[1];
    }
}
