package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Journal rows that give no record are as good as committed once what came before them is. */
class PassedRowsIT {

    private static final String BOTH = "tables=users, other";
    private static final String ONE = "tables=users";

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void tables() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)", "CREATE TABLE other (id int PRIMARY KEY)");
    }

    @Test
    void rowsOfATableThatIsNotWatchedAnyMoreAreEmptiedAlthoughConnectGetsNothingOfThem() throws Exception {
        Watching.start(database, BOTH).close();
        database.execute("INSERT INTO other VALUES (1)");
        try (Watching watching = Watching.start(database, ONE, "doorbell=off")) {
            database.execute("SELECT setval('ectowatch.\"shop.ring\"', 1)");
            awaitEmpty(watching);
            assertThat(watching.published()).isEmpty();
        }
    }

    @Test
    void soAreThoseBehindTheLastChangeButNotBeforeThatIsCommitted() throws Exception {
        Watching.start(database, BOTH).close();
        database.execute("INSERT INTO users VALUES (1)", "INSERT INTO other VALUES (1)");
        try (Watching watching = Watching.start(database, ONE, "doorbell=off")) {
            watching.changes(1);
            database.execute("SELECT setval('ectowatch.\"shop.ring\"', 1)", "INSERT INTO users VALUES (2)");
            watching.changes(2);
            assertThat(rows()).isEqualTo(2);
            awaitEmpty(watching);
        }
    }

    private void awaitEmpty(Watching watching) {
        await().until(() -> {
            watching.poll();
            watching.commit();
            return rows() == 0;
        });
    }

    private long rows() throws Exception {
        return database.number("SELECT count(*) FROM ectowatch.\"shop.journal.0\"");
    }
}
