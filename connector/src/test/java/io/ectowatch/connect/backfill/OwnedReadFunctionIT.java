package io.ectowatch.connect.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.backfill.Backfill.Cause;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A superuser has made the function that reads a table. The owner of the table can make reading it run any code: that code
 * gets neither the rights of the superuser nor those of the connector's role, whenever it is planted.
 */
class OwnedReadFunctionIT {

    private static final ObjectNames NAMES = new ObjectNames("shop", "ectowatch");

    /** Says with whose rights it runs, and fails if it can read what only others may read. */
    private static final String EVIL = """
            CREATE FUNCTION app.evil(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$BEGIN
                IF current_setting('transaction_read_only') = 'on' THEN
                    PERFORM pg_advisory_lock(4711);
                    PERFORM set_config('ectowatch.ran', current_setting('ectowatch.ran', true) || current_user || ' ', false);
                    RAISE 'it has run as %', current_user;
                END IF;
                RETURN 1;
            END$$""";

    private TestDatabase database;
    private String app;
    private String connector;
    private Connection owner;
    private Statement owning;
    private Connection reading;

    @BeforeEach
    void aSuperuserMakesTheFunction() throws Exception {
        database = TestDatabase.create();
        app = database.role("app");
        connector = database.role("connector");
        database.execute(
                "CREATE SCHEMA ectowatch",
                "CREATE SCHEMA app AUTHORIZATION " + app,
                "GRANT USAGE ON SCHEMA app TO " + connector,
                "GRANT USAGE ON SCHEMA ectowatch TO " + connector + ", " + app,
                "GRANT CREATE ON SCHEMA public TO " + app,
                "CREATE TABLE public.items (id int PRIMARY KEY, n int)",
                "ALTER TABLE items OWNER TO " + app,
                "INSERT INTO items SELECT n, 0 FROM generate_series(1, 30) AS n",
                "CREATE TABLE parts (id int PRIMARY KEY, n int) PARTITION BY RANGE (id)",
                "ALTER TABLE parts OWNER TO " + app);
        owner = database.connectAs(app);
        owning = owner.createStatement();
        owning.execute("CREATE TABLE app.parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (10)");
        owning.execute("INSERT INTO parts SELECT n, 0 FROM generate_series(1, 9) AS n");
        owning.execute(EVIL);
        reading = database.connectAs(connector);
        create("items");
        create("parts");
    }

    @AfterEach
    void close() throws Exception {
        owner.close();
        reading.close();
        database.close();
    }

    private WatchedTable table(String name) throws SQLException {
        WatchedTable table = ReadTable.of(reading, name);
        TableShape shape = table.shape();
        return new WatchedTable(
                new TableShape(shape.oid(), shape.name(), app, shape.columns(), shape.key(), shape.triggers()),
                table.watchers());
    }

    private void create(String name) throws SQLException {
        database.execute(ReadFunction.of(reading, NAMES, table(name))
                .orElseThrow()
                .create(connector)
                .toArray(String[]::new));
    }

    private Chunk read(String name) throws Exception {
        WatchedTable table = table(name);
        return new ChunkReader(reading, NAMES, ReadAccess.FUNCTIONS)
                .next(new Backfill("x", table.shape().name(), Cause.CALL, null), table, ChunkLimits.ALONE);
    }

    private long number(String sql) throws SQLException {
        try (Statement statement = reading.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void theRowsAreReadThoughTheRoleHasNoPrivilege() throws Exception {
        assertThat(read("items").rows()).hasSize(30);
        assertThat(read("parts").rows()).hasSize(9);
        assertThatThrownBy(() -> number("SELECT n FROM public.items")).hasMessageContaining("permission denied");
    }

    @Test
    void codeOfTheTablesOwnerRunsWithItsOwnRightsAndLeavesNothingInTheSession() throws Exception {
        for (String planted : new String[] {
            "CREATE INDEX evil ON items ((n + app.evil(1)))|DROP INDEX evil",
            "CREATE STATISTICS app.evil ON (n + app.evil(1)), n FROM items|DROP STATISTICS app.evil",
        }) {
            owning.execute(planted.split("\\|")[0]);

            assertThatThrownBy(() -> read("items")).as(planted).hasMessageContaining("it has run as " + app);
            assertThat(number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
                    .isZero();
            assertThat(number("SELECT coalesce(length(current_setting('ectowatch.ran', true)), 0)"))
                    .isZero();
            owning.execute(planted.split("\\|")[1]);
        }
        owning.execute("ALTER TABLE parts ATTACH PARTITION app.more DEFAULT".replace("app.more", more()));

        assertThatThrownBy(() -> read("parts")).hasMessageContaining("it has run as " + app);
    }

    private String more() throws SQLException {
        owning.execute("CREATE TABLE app.more (id int PRIMARY KEY, n int)");
        owning.execute("CREATE INDEX ON app.more ((n + app.evil(1)))");
        return "app.more";
    }

    /** Without the function, this is the race that remains. */
    @Test
    void codeThatIsPlantedBetweenTheCheckAndThePlanningRunsWithTheOwnersRights() throws Exception {
        for (ReadAccess access : new ReadAccess[] {ReadAccess.GRANTED, ReadAccess.FUNCTIONS}) {
            database.execute("GRANT SELECT ON items TO " + connector);
            WatchedTable table = table("items");
            KeyOrder order = KeyOrder.read(reading, table);
            ChunkGuard guard = new ChunkGuard(reading, table, order, access);
            try (Statement statement = reading.createStatement()) {
                statement.execute("BEGIN READ ONLY; PREPARE chunk AS "
                        + (access == ReadAccess.FUNCTIONS
                                ? ReadFunction.call(NAMES, table, 1, null, 10)
                                : new ChunkQuery(NAMES, table, order, null, false).text(null, 10)));
                guard.lock(statement);
                assertThat(guard.check(statement)).isPositive();
                owning.execute("CREATE STATISTICS app.evil ON (n + app.evil(1)), n FROM items");

                assertThatThrownBy(() -> statement.execute("EXECUTE chunk"))
                        .hasMessageContaining("it has run as " + (access == ReadAccess.FUNCTIONS ? app : connector));
                statement.execute("ROLLBACK; DEALLOCATE ALL");
            }
            owning.execute("DROP STATISTICS app.evil");
        }
    }

    @Test
    void aFunctionThatItsOwnerHasMadeRunWithTheCallersRightsDoesNotReadTheTable() throws Exception {
        database.execute("GRANT SELECT ON items TO " + connector);
        owning.execute("CREATE STATISTICS app.evil ON (n + app.evil(1)), n FROM items");
        for (String setting :
                new String[] {"search_path = app, pg_catalog", "search_path = app", "row_security = on"}) {
            owning.execute("ALTER FUNCTION ectowatch.\"shop.public.items.read\" SECURITY INVOKER SET " + setting);

            assertThatThrownBy(() -> read("items"))
                    .hasMessageContaining("cannot be used")
                    .hasMessageContaining("does not run with the rights of the table's owner")
                    .hasMessageContaining("Run the SQL of install.mode=print again");
        }
    }

    @Test
    void codeOfFurtherRolesDoesNotRunWithTheRightsOfTheTablesOwner() throws Exception {
        String other = database.role("other");
        database.execute(
                "CREATE SCHEMA other AUTHORIZATION " + other,
                "GRANT USAGE ON SCHEMA other TO PUBLIC",
                EVIL.replace("app.evil", "other.evil"),
                "ALTER FUNCTION other.evil OWNER TO " + other,
                "CREATE INDEX evil ON items ((n + other.evil(1)))");
        assertThatThrownBy(() -> read("items"))
                .hasMessageContaining(
                        "other.evil(integer), which a role owns that is neither a superuser nor the table's"
                                + " owner");

        database.execute("DROP INDEX evil", "ALTER TABLE app.parts_1 OWNER TO " + other);
        assertThatThrownBy(() -> read("parts"))
                .hasMessageContaining("Table app.parts_1 is not owned by role " + app)
                .hasMessageContaining("it or a superuser must own all partitions");
    }

    @Test
    void policiesThatApplyToTheOwnerEndIt() throws Exception {
        owning.execute("ALTER TABLE items ENABLE ROW LEVEL SECURITY");
        assertThat(read("items").rows()).hasSize(30);
        owning.execute("ALTER TABLE items FORCE ROW LEVEL SECURITY");

        assertThatThrownBy(() -> read("items")).hasMessageContaining("row-level security");
    }

    @Test
    void aMissingFunctionEndsItWithWhatToDo() throws Exception {
        owning.execute("DROP FUNCTION ectowatch.\"shop.public.items.read\"");

        assertThatThrownBy(() -> read("items"))
                .hasMessageContaining("The function that reads public.items cannot be used")
                .hasMessageContaining("does not exist")
                .hasMessageContaining("Run the SQL of install.mode=print again");
    }
}
