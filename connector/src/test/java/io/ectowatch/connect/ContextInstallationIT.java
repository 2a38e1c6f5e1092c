package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.protocol.ChangeContext;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.Watching;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A connector begins and ceases to capture contexts; its triggers may be another role's. */
class ContextInstallationIT extends ReviewedInstallation {

    private static final String TABLES = "tables=shop.users";
    private static final String ALLOWED = "context.allowed=true";
    private static final String ACTOR = "actor=true";

    @Test
    void aChangeOfTheSettingLosesNothingAndWhatOldTriggersHaveWrittenIsReadAsItWas() throws Exception {
        Map<String, ?> offset;
        try (Watching watching = Watching.start(database, TABLES)) {
            insert(1);
            watching.changesOfRows(1);
            offset = watching.lastOffset();
        }
        insert(2);
        try (Watching watching = Watching.resume(database, offset, TABLES, ALLOWED)) {
            insert(3);
            watching.changesOfRows(2);
            assertThat(contexts(watching)).containsExactly("2 null", "3 c3");
            offset = watching.lastOffset();
        }
        insert(4);
        try (Watching watching = Watching.resume(database, offset, TABLES)) {
            insert(5);
            watching.changesOfRows(2);
            assertThat(contexts(watching)).containsExactly("4 c4", "5 null");
        }
    }

    @Test
    void theSqlForItIsPrintedAndVerified() throws Exception {
        String[] settings = with(settings("durable"), ALLOWED, ACTOR);
        database.execute(printed(settings("durable")));
        assertThatThrownBy(() -> Watching.start(database, with(settings, VERIFY, "on.table.error=fail")))
                .hasMessageContaining("shop.context");

        database.execute(printed(settings));
        try (Watching watching = Watching.start(database, with(settings, VERIFY))) {
            insert(1);
            watching.changesOfRows(1);
            assertThat(context(watching, 1).context()).isEqualTo("c1");
            assertThat(context(watching, 1).sessionUser()).isEqualTo(database.user());
        }
        // Its triggers write contexts before the configuration asks for them, and after.
        database.execute(printed(settings("durable")));
        Watching.start(database, with(settings("durable"), VERIFY)).close();
    }

    @Test
    void withoutItsFunctionTheWriterGoesOnAndItsChangesArriveOrALossIsAnnounced() throws Exception {
        try (Watching watching = Watching.start(database, TABLES, ALLOWED)) {
            watching.poll();
            watching.forget();
            database.execute(
                    "DROP FUNCTION ectowatch.\"shop.context\"()",
                    "BEGIN; SET LOCAL ectowatch.context = 'c'; INSERT INTO shop.users VALUES (1); COMMIT",
                    "BEGIN; SET LOCAL ectowatch.context = 'c'; INSERT INTO shop.users VALUES (2), (3); COMMIT");
            assertThat(database.number("SELECT count(*) FROM shop.users")).isEqualTo(3);
            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.RESYNC)
                    || all.stream()
                                    .filter(change -> change.event() == Event.INSERTED)
                                    .count()
                            == 3);
        }
    }

    @Test
    void neitherRequestsForBackfillsNorTheirRecordsNorResyncsHaveAContext() throws Exception {
        insert(1);
        try (Watching watching = Watching.start(database, TABLES, ALLOWED, ACTOR)) {
            database.execute("BEGIN; SET LOCAL ectowatch.context = 'of the caller';"
                    + " SELECT ectowatch.backfill('shop', 'shop.users'); COMMIT");
            List<Change> changes =
                    watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.BACKFILLED));
            assertThat(changes).extracting(Change::event).contains(Event.READ);
            assertThat(changes).extracting(Change::context).containsOnlyNulls();
        }
    }

    private void insert(int id) throws Exception {
        database.execute("BEGIN; SET LOCAL ectowatch.context = 'c" + id + "'; INSERT INTO shop.users VALUES (" + id
                + "); COMMIT");
    }

    private static List<String> contexts(Watching watching) {
        return watching.received().stream()
                .filter(change -> change.event() == Event.INSERTED)
                .map(change -> Objects.requireNonNull(change.values())[0] + " "
                        + (change.context() == null ? null : change.context().context()))
                .toList();
    }

    private static ChangeContext context(Watching watching, int id) {
        return watching.received().stream()
                .filter(change -> change.values() != null && change.values()[0].equals(id))
                .findFirst()
                .map(Change::context)
                .orElseThrow();
    }
}
