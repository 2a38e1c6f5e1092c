package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The view shows the backfills that have not ended, whether a task runs or not. */
class OpenBackfillsIT {

    private static final String CALL = "SELECT ectowatch.backfill('shop', 'notes')";
    private static final String SHOWN = "SELECT concat_ws(' ', b ->> 'table', b ->> 'cause', (b ->> 'rows')::int > 0)"
            + " FROM ectowatch.status AS s, jsonb_array_elements(s.backfills) AS b";

    private TestDatabase database;

    @BeforeEach
    void aTableWithManyRows() throws Exception {
        database = TestDatabase.create();
        database.execute(
                "CREATE TABLE notes (id text PRIMARY KEY)",
                "INSERT INTO notes SELECT n || repeat('x', 1000) FROM generate_series(1, 20000) AS n");
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void aCallIsShownUntilItsBackfillHasEndedAlsoBetweenTasks() throws Exception {
        Watching.start(database, "tables=notes").close();
        database.awaitNoTask();
        assertThat(shown()).isEmpty();
        database.execute(CALL);
        assertThat(shown()).containsExactly("public.notes call f");

        try (Watching watching = Watching.start(database, "tables=notes").acknowledging()) {
            // Nobody polls, so that the queue is full before the end, and the backfill waits.
            await().untilAsserted(() -> assertThat(shown()).containsExactly("public.notes call t"));
            assertThat(watching.received()).isEmpty();
        }
        database.awaitNoTask();
        assertThat(shown()).containsExactly("public.notes call t");

        try (Watching watching = Watching.start(database, "tables=notes").acknowledging()) {
            awaitEnd(watching);
        }
    }

    @Test
    void aCallThatIsRolledBackIsNotShownAndOneThatIsNotCommittedStays() throws Exception {
        try (Watching watching = Watching.start(database, "tables=notes").acknowledging()) {
            Statement caller = database.begin(CALL);
            database.execute(CALL);
            awaitEnd(watching);
            caller.execute("COMMIT");
            assertThat(shown()).singleElement().asString().startsWith("public.notes call");
            watching.forget();
            awaitEnd(watching);

            database.begin(CALL).execute("ROLLBACK");
            assertThat(shown()).isEmpty();
        }
    }

    @Test
    void aBackfillThatNobodyHasCalledIsShownWithItsCause() throws Exception {
        try (Watching watching =
                Watching.start(database, "tables=notes", "backfill=new").acknowledging()) {
            await().untilAsserted(() -> assertThat(shown()).containsExactly("public.notes new t"));
            awaitEnd(watching);
        }
    }

    @Test
    void aBackfillThatEndsAtOnceIsNotShownForLong() throws Exception {
        database.execute("TRUNCATE notes");
        try (Watching watching = Watching.start(database, "tables=notes").acknowledging()) {
            database.execute(CALL);
            awaitEnd(watching);
        }
    }

    private void awaitEnd(Watching watching) {
        watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.BACKFILLED));
        await().untilAsserted(() -> {
            watching.poll();
            assertThat(shown()).isEmpty();
        });
    }

    private List<String> shown() throws SQLException {
        return database.column(SHOWN);
    }
}
