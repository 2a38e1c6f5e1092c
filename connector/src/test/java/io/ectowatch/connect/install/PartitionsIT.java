package io.ectowatch.connect.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Triggers that PostgreSQL clones from a partitioned table to its partitions, and what its owner does with those. */
class PartitionsIT {

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aPartitionedTable() throws Exception {
        database.execute(
                "CREATE TABLE logs (id int PRIMARY KEY, note text) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)");
    }

    @Test
    void anOwnerWhoIsNoSuperuserMayStillAddPartitions() throws Exception {
        String owner = database.role("owner");
        database.execute(
                "ALTER TABLE logs OWNER TO " + owner,
                "ALTER TABLE logs_1 OWNER TO " + owner,
                "GRANT CREATE, USAGE ON SCHEMA public TO " + owner);
        try (Watching watching = Watching.start(database, "tables=logs");
                Connection connection = database.connectAs(owner);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM (10) TO (20)");
            statement.execute("CREATE TABLE logs_3 (id int PRIMARY KEY, note text)");
            statement.execute("ALTER TABLE logs ATTACH PARTITION logs_3 FOR VALUES FROM (20) TO (30)");
            statement.execute("INSERT INTO logs VALUES (1), (11), (21)");

            watching.changes(3);
            assertThat(watching.published())
                    .containsExactly(
                            "public.logs inserted [1]", "public.logs inserted [11]", "public.logs inserted [21]");
        }
    }

    /** A trigger of its own on another table could otherwise call them. */
    @Test
    void aFormerOwnerMayNoLongerCallTheFunctionsAfterARestart() throws Exception {
        String owner = database.role("owner");
        database.execute("ALTER TABLE logs OWNER TO " + owner);
        Watching.start(database, "tables=logs").close();
        String callable = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'ectowatch'::regnamespace AND prorettype ="
                + " 'trigger'::regtype AND has_function_privilege('" + owner + "', oid, 'EXECUTE')";
        assertThat(database.number(callable)).isEqualTo(3);
        database.execute("ALTER TABLE logs OWNER TO " + database.user());

        Watching.start(database, "tables=logs").close();

        assertThat(database.number(callable)).isZero();
    }

    @Test
    void aNewOwnerMayAddPartitionsAfterARestart() throws Exception {
        Watching.start(database, "tables=logs").close();
        String owner = database.role("owner");
        database.execute(
                "ALTER TABLE logs OWNER TO " + owner,
                "ALTER TABLE logs_1 OWNER TO " + owner,
                "GRANT CREATE, USAGE ON SCHEMA public TO " + owner);
        Watching.start(database, "tables=logs").close();
        try (Connection connection = database.connectAs(owner);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM (10) TO (20)");
        }
    }

    @Test
    void aWatchedTableCanBeAttachedToAWatchedOne() throws Exception {
        database.execute("CREATE TABLE logs_2 (id int PRIMARY KEY, note text)");
        Watching.start(database, Watching.NOTIFY, "tables=logs*").close();

        database.execute("ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM (10) TO (20)");

        try (Watching watching = Watching.start(database, Watching.NOTIFY, "tables=logs*")) {
            watching.awaitResync();
            database.execute("INSERT INTO logs_2 VALUES (11)", "INSERT INTO logs VALUES (12)");
            assertThat(watching.changesOfRows(2))
                    .containsExactly("public.logs inserted [11]", "public.logs inserted [12]");
        }
    }

    @Test
    void aPartitionCanBeWatchedInsteadOfItsRootAndTheOtherWayRound() throws Exception {
        Watching.start(database, Watching.NOTIFY, "tables=logs").close();
        try (Watching watching = Watching.start(database, Watching.NOTIFY, "tables=logs_1")) {
            watching.forget();
            database.execute("INSERT INTO logs VALUES (1)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.logs_1 inserted [1]");
        }
        try (Watching watching = Watching.start(database, Watching.NOTIFY, "tables=logs")) {
            watching.forget();
            database.execute("INSERT INTO logs VALUES (2)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.logs inserted [2]");
        }
    }

    @Test
    void twoConnectorsOnOnePartitionedTableLiveSideBySide() throws Exception {
        try (Watching shop = Watching.start(database, "tables=logs");
                Watching audit = Watching.start(database, "name=audit", "tables=logs_1")) {
            database.execute("INSERT INTO logs VALUES (1)");
            shop.changes(1);
            audit.changes(1);
            assertThat(shop.published()).containsExactly("public.logs inserted [1]");
            assertThat(audit.published()).containsExactly("public.logs_1 inserted [1]");
        }
    }

    @Test
    void aMissingPrivilegeOnAPartitionIsReportedWithTheGrantToRun() throws Exception {
        String role = database.role("connector");
        database.execute("CREATE SCHEMA ectowatch AUTHORIZATION " + role, "GRANT TRIGGER ON logs TO " + role);
        try (Watching watching =
                Watching.begin(database, "tables=logs", "connection.user=" + role, "on.table.error=fail")) {
            assertThatThrownBy(() -> watching.changes(all -> false))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("GRANT TRIGGER ON TABLE \"public\".\"logs_1\" TO \"" + role + "\"");
        }
        database.execute("GRANT TRIGGER ON logs_1 TO " + role);
        Watching.start(database, "tables=logs", "connection.user=" + role).close();
    }

    /** A new partition rarely comes with a grant; its triggers are clones of its root's, and work. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"logs|durable", "logs*|durable", "logs|notify", "logs*|notify"})
    void aPartitionThatIsAddedWithoutAGrantIsWatchedAndStopsNothing(String tables, String delivery) throws Exception {
        String role = database.role("connector");
        String[] settings = {
            "tables=" + tables,
            "watchers=more",
            "watchers.more.table=more*",
            "delivery.mode=" + delivery,
            "connection.user=" + role,
            "table.poll.interval.ms=1000"
        };
        database.execute(
                "CREATE SCHEMA ectowatch AUTHORIZATION " + role,
                "CREATE TABLE more (id int PRIMARY KEY)",
                "GRANT TRIGGER ON logs, logs_1, more TO " + role);
        try (Watching watching = Watching.start(database, settings)) {
            database.execute(
                    "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM (10) TO (20)",
                    "CREATE TABLE more_2 (id int PRIMARY KEY)",
                    "GRANT TRIGGER ON more_2 TO " + role);
            awaitCatalogRead(watching);
            database.execute("INSERT INTO logs VALUES (1), (11)");
            watching.changes(all -> watching.published().contains("public.logs inserted [11]"));
        }
        try (Watching watching = Watching.start(database, settings)) {
            database.execute("INSERT INTO logs VALUES (2), (12)");
            watching.changes(all -> watching.published().contains("public.logs inserted [12]"));
        }
        String[] changed = Arrays.copyOf(settings, settings.length + 2);
        changed[settings.length] = "mute.allowed=true";
        changed[settings.length + 1] = "on.table.error=fail";
        try (Watching watching = Watching.begin(database, changed)) {
            assertThatThrownBy(() -> watching.changes(all -> false))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("GRANT TRIGGER ON TABLE \"public\".\"logs_2\" TO \"" + role + "\"");
        }
        assertThat(Validation.errors(database, changed).get("tables")).contains("\"logs_2\"");
        assertThat(Validation.errors(database, settings)).isEmpty();
    }

    /** When a table that the pattern matches is watched, the catalog has been read after it was made. */
    private void awaitCatalogRead(Watching watching) {
        int[] id = {0};
        watching.changes(all -> {
            try {
                database.execute("INSERT INTO more_2 VALUES (" + id[0]++ + ")");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return watching.published().stream().anyMatch(change -> change.startsWith("public.more_2 inserted"));
        });
    }
}
