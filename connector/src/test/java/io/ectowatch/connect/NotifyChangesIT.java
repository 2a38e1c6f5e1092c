package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is particular to changes that come by notifications. */
class NotifyChangesIT {

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, email text, age int)");
    }

    @Test
    void aLargeStatementTakesFewNotificationsAndLosesNothing() throws Exception {
        try (Watching watching = Watching.start(database, Watching.NOTIFY, "tables=users");
                Connection other = database.connect();
                Statement listener = other.createStatement()) {
            listener.execute("LISTEN \"ectowatch.shop\"");
            database.execute("INSERT INTO users SELECT g FROM generate_series(1, 100000) g");

            List<Change> changes = watching.changes(100_000);
            assertThat(changes.stream().map(change -> change.values()[0]).distinct())
                    .hasSize(100_000);
            assertThat(changes.stream().map(Change::id)).doesNotHaveDuplicates();
            assertThat(other.unwrap(org.postgresql.PGConnection.class).getNotifications(5000))
                    .hasSizeLessThan(120)
                    .allSatisfy(payload ->
                            assertThat(payload.getParameter().getBytes("UTF-8")).hasSizeLessThan(8000));
        }
    }

    @Test
    void extraColumnsComeAlongAndATooLargeRowLeavesThemOut() throws Exception {
        try (Watching watching = Watching.start(
                database,
                Watching.NOTIFY,
                "watchers=contact",
                "watchers.contact.table=users",
                "watchers.contact.extra.columns=email,age")) {
            database.execute(
                    "INSERT INTO users VALUES (1, 'ä\"\\', 30)",
                    "INSERT INTO users VALUES (2, repeat('ä', 5000), 31), (3, NULL, NULL)",
                    "UPDATE users SET age = 32, email = repeat('b', 7900) WHERE id = 1");

            List<Change> changes = watching.changes(4);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [1, ä\"\\, 30]",
                            "public.users inserted [2]",
                            "public.users inserted [3, null, null]",
                            "public.users updated [1]");
            assertThat(changes.stream().map(Change::extrasLeftOut)).containsExactly(false, true, false, true);
        }
    }

    @Test
    void lettersOfSeveralBytesAreCountedAsSuch() throws Exception {
        database.execute("CREATE TABLE pages (path text PRIMARY KEY, note text)");
        try (Watching watching = Watching.start(
                database, Watching.NOTIFY, "watchers=w", "watchers.w.table=pages", "watchers.w.extra.columns=note")) {
            database.execute("INSERT INTO pages SELECT repeat('ä', 30) || g, 'ö' FROM generate_series(1, 1000) g");
            watching.changes(1000);
            assertThat(watching.published()).allMatch(change -> change.startsWith("public.pages inserted [ä"));

            watching.forget();
            database.execute("INSERT INTO pages VALUES (repeat('ä', 5000), 'ö'), ('short', 'ö')");
            watching.changes(2);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder("public.pages resync", "public.pages inserted [short, ö]");
        }
    }

    @Test
    void aKeyThatFitsIntoNoNotificationIsAnnouncedAsAGapAndTheStatementSucceeds() throws Exception {
        database.execute("CREATE TABLE pages (path text PRIMARY KEY)");
        try (Watching watching = Watching.start(database, Watching.NOTIFY, "tables=pages")) {
            database.execute("INSERT INTO pages VALUES ('short'), (repeat('x', 100000)), ('other')");

            watching.changes(3);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.pages inserted [short]", "public.pages inserted [other]", "public.pages resync");
        }
    }

    @Test
    void aLargeXmlDocumentIsLeftOutAsAnyOtherLargeValue() throws Exception {
        database.execute("ALTER TABLE users ADD doc xml");
        try (Watching watching = Watching.start(
                database, Watching.NOTIFY, "watchers=u", "watchers.u.table=users", "watchers.u.extra.columns=doc")) {
            database.execute("INSERT INTO users (id, doc) SELECT 1, ('<a>' || repeat('x', 9000) || '</a>')::xml");
            List<Change> changes = watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
            assertThat(changes.get(0).extrasLeftOut()).isTrue();
        }
    }
}
