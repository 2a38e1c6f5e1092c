package io.ectowatch.connect.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.admin.DatabaseValidator;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A backfill that cannot continue ends with a record that says why, and the changes of all tables go on. */
class FailingBackfillIT {

    /** Its name needs quotes, as any role's may. */
    private static final String ROLE = "Connecting " + ProcessHandle.current().pid();

    private static final String QUOTED = "\"" + ROLE + "\"";

    private TestDatabase database;

    @BeforeEach
    void aTableWithRows() throws Exception {
        database = TestDatabase.create();
        database.execute(
                "CREATE TABLE items (id int PRIMARY KEY, n int)",
                "INSERT INTO items SELECT n, 0 FROM generate_series(1, 1000) AS n",
                "CREATE TABLE other (id int PRIMARY KEY)");
    }

    @AfterEach
    void close() throws Exception {
        database.close();
    }

    private String call(String arguments) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT ectowatch.backfill(" + arguments + ")")) {
            row.next();
            return row.getString(1);
        }
    }

    private void assertStopped(Watching watching, String id, String reason) throws Exception {
        List<Change> all = watching.changes(changes -> BackfillIT.ended(changes, id));
        Change end = all.stream()
                .filter(change -> change.event() == Event.BACKFILL_STOPPED)
                .findFirst()
                .orElseThrow();
        assertThat(end.backfill().reason()).contains(reason);
        database.execute("INSERT INTO other VALUES (1)");
        watching.changes(changes -> watching.published().contains("public.other inserted [1]"));
    }

    @Test
    void aRetypedKeyEndsIt() throws Exception {
        try (Watching watching = Watching.start(database, "tables=items, other")) {
            try (Connection connection = database.connect();
                    Statement altering = connection.createStatement()) {
                // The task cannot read the table before this is committed.
                altering.execute("BEGIN; ALTER TABLE items DROP CONSTRAINT items_pkey");
                String id = callWithin(altering);
                altering.execute("ALTER TABLE items ADD PRIMARY KEY (n, id)".replace("(n, id)", "(id, n)"));
                altering.execute("COMMIT");
                assertStopped(watching, id, "primary key was changed");
            }
        }
    }

    private static String callWithin(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT ectowatch.backfill('shop', 'items')")) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void aDroppedTableEndsIt() throws Exception {
        try (Watching watching = Watching.start(database, "tables=public.*")) {
            String id;
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("BEGIN");
                id = callWithin(statement);
                statement.execute("DROP TABLE items; COMMIT");
            }

            assertStopped(watching, id, "");
            assertThat(BackfillIT.keys(watching.received())).isEmpty();
        }
    }

    @Test
    void aTableWithoutTriggersDelaysOnlyItself() throws Exception {
        database.execute("INSERT INTO other VALUES (2000)");
        try (Connection connection = database.connect();
                Statement locking = connection.createStatement()) {
            locking.execute("BEGIN; LOCK TABLE items IN SHARE MODE");
            try (Watching watching =
                    Watching.begin(database, "tables=items, other", "backfill=new", "ddl.lock.timeout.ms=100")) {
                List<Change> first =
                        watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.BACKFILLED));
                assertThat(BackfillIT.keys(first)).containsExactly(2000);

                locking.execute("COMMIT");
                List<Change> then = watching.changes(all -> all.stream()
                                .filter(change -> change.event() == Event.BACKFILLED)
                                .count()
                        == 2);
                assertThat(BackfillIT.keys(then)).hasSize(1001).doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void aLockedTableDelaysOnlyItself() throws Exception {
        database.execute("INSERT INTO other VALUES (2000)");
        try (Watching watching = Watching.start(database, "tables=items, other");
                Connection connection = database.connect();
                Statement locking = connection.createStatement()) {
            locking.execute("BEGIN; LOCK TABLE items IN SHARE MODE");
            String behind = call("'shop', 'items'");
            String before = call("'shop', 'other'");
            assertThat(BackfillIT.keys(watching.changes(all -> BackfillIT.ended(all, before))))
                    .containsExactly(2000);

            locking.execute("COMMIT");
            watching.changes(all -> BackfillIT.ended(all, behind));
            assertThat(BackfillIT.keys(watching.received())).hasSize(1001).doesNotHaveDuplicates();
        }
    }

    @Test
    void aConditionThatFailsForARowEndsIt() throws Exception {
        try (Watching watching = Watching.start(database, "tables=items, other")) {
            String id = call("'shop', 'items', '1 / (id - 500) < 1'");

            assertStopped(watching, id, "division by zero");
        }
    }

    @Test
    void anIndexThatCallsAnotherRolesFunctionEndsIt() throws Exception {
        database.execute("DROP ROLE IF EXISTS stranger", "CREATE ROLE stranger");
        try (Watching watching = Watching.start(database, "tables=items, other")) {
            database.execute(
                    "CREATE FUNCTION evil(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'",
                    "ALTER FUNCTION evil(int) OWNER TO stranger",
                    "CREATE INDEX ON items ((n + evil(1)))");
            String id = call("'shop', 'items'");

            assertStopped(watching, id, "evil(integer)");
        } finally {
            database.execute("DROP FUNCTION evil(int) CASCADE", "DROP ROLE stranger");
        }
    }

    private String problems(String backfill) {
        return DatabaseValidator.findings(Watching.config(
                        "connection.url=" + database.url(),
                        "connection.user=" + ROLE,
                        "connection.password=any",
                        "tables=items, other",
                        backfill))
                .problems()
                .stream()
                .map(ConfigProblem::message)
                .collect(Collectors.joining("; "));
    }

    @Test
    void aMissingPrivilegeIsRefusedInTheCall() throws Exception {
        database.execute(
                "CREATE ROLE " + QUOTED + " LOGIN",
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + QUOTED,
                "GRANT TRIGGER ON items, other TO " + QUOTED);
        try (Watching watching =
                Watching.start(database, "connection.user=" + ROLE, "connection.password=any", "tables=items, other")) {
            assertThatThrownBy(() -> call("'shop', 'items'"))
                    .hasMessageContaining("may not read columns id of table public.items")
                    .hasMessageContaining("GRANT SELECT (id) ON public.items TO " + QUOTED);

            assertThat(problems("backfill=none")).isEmpty();
            assertThat(problems("backfill=new"))
                    .contains("GRANT SELECT (id) ON \"public\".\"items\" TO " + QUOTED, "\"other\"");

            database.execute("GRANT SELECT (id) ON items TO " + QUOTED);
            String id = call("'shop', 'items'");
            assertThat(BackfillIT.keys(watching.changes(changes -> BackfillIT.ended(changes, id))))
                    .hasSize(1000);

            database.execute("GRANT SELECT (id) ON other TO " + QUOTED);
            String next = call("'shop', 'other'");
            watching.changes(changes -> BackfillIT.ended(changes, next));
            database.execute("ALTER TABLE items ENABLE ROW LEVEL SECURITY");
            String hidden = call("'shop', 'items'");
            assertStopped(watching, hidden, "row level security");
        } finally {
            database.execute("DROP OWNED BY " + QUOTED + " CASCADE", "DROP ROLE " + QUOTED);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            NEW.total > 5 AND NEW."Odd Name" IS NOT NULL AND 'unused' <> NEW.note | "Odd Name", customer, id, note, total
            ROW(NEW.*) IS NOT NULL    | "Odd Name", customer, id, note, total, unused
            NEW IS DISTINCT FROM OLD  | "Odd Name", customer, id, note, total, unused
            """)
    void aMissingPrivilegeForAFilterIsRefusedInTheCall(String when, String columns) throws Exception {
        database.execute(
                "CREATE TABLE orders (id int PRIMARY KEY, customer text, total int, note text, \"Odd Name\" int, unused int)",
                "INSERT INTO orders SELECT g, 'c', g, 'n', 1, 1 FROM generate_series(1, 10) AS g",
                "CREATE ROLE " + QUOTED + " LOGIN",
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + QUOTED,
                "GRANT TRIGGER ON orders TO " + QUOTED);
        try (Watching watching = Watching.start(
                database,
                "connection.user=" + ROLE,
                "connection.password=any",
                "watchers=big, all",
                "watchers.big.label=big",
                "watchers.big.events=inserted, updated",
                "watchers.big.table=orders",
                "watchers.big.when=" + when,
                "watchers.all.table=orders",
                "watchers.all.extra.columns=customer")) {
            assertThatThrownBy(() -> call("'shop', 'orders'"))
                    .hasMessageContaining("may not read columns " + columns + " of table public.orders");

            database.execute("GRANT SELECT (" + columns + ") ON orders TO " + QUOTED);
            String id = call("'shop', 'orders'");
            assertThat(watching.changes(changes -> BackfillIT.ended(changes, id)))
                    .extracting(Change::event)
                    .contains(Event.BACKFILLED);
        } finally {
            database.execute("DROP OWNED BY " + QUOTED + " CASCADE", "DROP ROLE " + QUOTED, "DROP TABLE orders");
        }
    }
}
