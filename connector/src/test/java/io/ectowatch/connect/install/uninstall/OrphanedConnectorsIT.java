package io.ectowatch.connect.install.uninstall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.config.OnTableError;
import io.ectowatch.connect.install.plan.InstallOptions;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What connectors leave behind that are no more, beside others that are only stopped, or running. */
class OrphanedConnectorsIT {

    private static final String CLEANUP = "cleanup=true";

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    @Test
    void theyAreListedOnceWithWhatRemovesThem() throws Exception {
        leave("old", "durable");
        leaseIsOver("old");
        OrphanedConnectors orphans = orphans(false);
        try (Connection connection = database.connect()) {
            assertThat(orphans.runDueTasks(connection))
                    .singleElement()
                    .asString()
                    .startsWith("Connector old is not running, and there are ")
                    .endsWith(
                            " orphaned objects of it in schema ectowatch, with triggers on public.users. Its lease has"
                                    + " expired. To remove them, set cleanup=true in this connector or run SELECT"
                                    + " \"ectowatch\".\"uninstall\"('old').");
            assertThat(orphans.runDueTasks(connection)).isEmpty();
        }
        assertThat(objects("old")).isPositive();
    }

    @InBothDeliveries
    void theyAreRemovedAtAStartIfThatIsWanted(String delivery) throws Exception {
        leave("old", delivery);
        leaseIsOver("old");

        Watching.start(database, "tables=users").close();
        assertThat(objects("old")).isPositive();

        Watching.start(database, "tables=users", CLEANUP).close();
        assertThat(objects("old")).isZero();
        assertThat(database.column("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
                .isNotEmpty()
                .allMatch(trigger -> trigger.startsWith("ectowatch.shop."));
    }

    @Test
    void theyAreRemovedAlsoWhenTheirLeaseEndsWhileAnotherConnectorRuns() throws Exception {
        leave("old", "durable");
        try (Watching watching = Watching.start(database, "tables=users", CLEANUP, "table.poll.interval.ms=1000")) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            assertThat(objects("old")).isPositive();

            leaseIsOver("old");

            await().until(() -> {
                watching.poll();
                return objects("old") == 0;
            });
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(2);
            assertThat(watching.published()).containsExactly("public.users inserted [1]", "public.users inserted [2]");
        }
    }

    @InBothDeliveries
    void aConnectorThatIsOnlyStoppedIsNotOrphaned(String delivery) throws Exception {
        leave("stopped", delivery);
        long before = objects("stopped");

        try (Connection connection = database.connect()) {
            assertThat(orphans(true).runDueTasks(connection))
                    .singleElement()
                    .asString()
                    .contains("Its lease ends at 2");
        }

        assertThat(objects("stopped")).isEqualTo(before);
    }

    @InBothDeliveries
    void aRunningConnectorIsNotOrphanedWhateverItsLeaseSays(String delivery) throws Exception {
        try (Watching other = Watching.start(database, "tables=users", "name=other", "delivery.mode=" + delivery);
                Connection connection = database.connect()) {
            leaseIsOver("other");

            assertThat(orphans(true).runDueTasks(connection)).isEmpty();

            database.execute("INSERT INTO users VALUES (1)");
            other.changes(1);
            assertThat(other.published()).containsExactly("public.users inserted [1]");
        }
    }

    /** Each task does this about all others with each read of the catalog: 100 tasks would run 10,000 queries. */
    @Test
    void oneQueryIsEnoughForAllRunningConnectors() throws Exception {
        leave("old", "durable");
        try (Connection others = database.connect();
                Connection connection = database.connect()) {
            running(others, 1);
            long ofFew = queries(connection);
            running(others, 30);

            assertThat(queries(connection)).isEqualTo(ofFew);
        }
    }

    /** Until their leases are over, connectors whose lock any session holds count as running. */
    private void running(Connection session, int connectors) throws Exception {
        for (int i = 1; i <= connectors; i++) {
            ObjectNames names = new ObjectNames("busy" + i, "ectowatch");
            database.execute(
                    "CREATE SEQUENCE IF NOT EXISTS " + names.lease(),
                    "COMMENT ON SEQUENCE " + names.lease() + " IS '"
                            + Marker.of(names.connector()).comment() + "'",
                    names.setLease(60_000));
            session.createStatement().execute(names.acquirePresenceLock());
        }
    }

    /** How many statements a look for orphans runs, which finds only the stopped connector. */
    private static long queries(Connection connection) throws Exception {
        AtomicLong prepared = new AtomicLong();
        Connection counting = (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().matches("(prepare|create)Statement")) {
                        prepared.incrementAndGet();
                    }
                    return method.invoke(connection, arguments);
                });
        assertThat(orphans(true).runDueTasks(counting))
                .singleElement()
                .asString()
                .contains("Connector old");
        return prepared.get();
    }

    @Test
    void theyAreKnownByTheirMarkersAndNeverByTheirNames() throws Exception {
        leave("old", "durable");
        leaseIsOver("old");
        database.execute(
                "CREATE TABLE ectowatch.\"old.mine\" (id int)",
                "CREATE FUNCTION ectowatch.\"old.public.users.mine\"() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "COMMENT ON FUNCTION ectowatch.\"old.public.users.mine\"() IS '{\"connector\":\"old\"}'");

        Watching.start(database, "tables=users", CLEANUP).close();

        assertThat(database.column("SELECT relname FROM pg_class WHERE relname LIKE 'old%'"))
                .containsExactly("old.mine");
        assertThat(database.column("SELECT proname FROM pg_proc WHERE proname LIKE 'old%'"))
                .containsExactly("old.public.users.mine");
    }

    @Test
    void aStartRenewsTheLeaseInEitherDelivery() throws Exception {
        for (String delivery : List.of("durable", "notify")) {
            Watching.start(database, "tables=users", "delivery.mode=" + delivery)
                    .close();
            leaseIsOver("shop");
            Watching.start(database, "tables=users", "delivery.mode=" + delivery)
                    .close();
            assertThat(database.column(
                            "SELECT last_value > date_part('epoch', clock_timestamp()) FROM ectowatch.\"shop.lease\""))
                    .containsExactly("t");
        }
    }

    @Test
    void whatIsLockedIsLeftForLaterAndNobodyWaits() throws Exception {
        leave("old", "durable");
        leaseIsOver("old");
        try (Connection longOne = database.connect();
                Connection connection = database.connect()) {
            longOne.setAutoCommit(false);
            longOne.createStatement().execute("INSERT INTO users VALUES (1)");
            OrphanedConnectors orphans = orphans(true);

            assertThat(orphans.runDueTasks(connection))
                    .singleElement()
                    .asString()
                    .contains(
                            "They could not be removed yet; this is retried: a transaction holds a lock on the table");
            longOne.commit();

            // Autovacuum, for example, can hold a lock for longer than the connector waits.
            List<String> messages = new ArrayList<>();
            await().until(() -> {
                messages.addAll(orphans.runDueTasks(connection));
                return objects("old") == 0;
            });
            assertThat(messages).last().asString().endsWith("so they were removed.");
        }
    }

    @Test
    void objectsOfAnotherRoleAreReportedAndDoNotEndTheTask() throws Exception {
        leave("old", "durable");
        leaseIsOver("old");
        String role = database.role("watcher");
        database.execute(
                "GRANT TRIGGER ON users TO " + role,
                "GRANT USAGE, CREATE ON SCHEMA ectowatch TO " + role,
                "GRANT SELECT ON SEQUENCE ectowatch.\"old.lease\" TO " + role);

        try (Connection connection = database.connectAs(role)) {
            assertThat(orphans(true).runDueTasks(connection))
                    .singleElement()
                    .asString()
                    .contains("They could not be removed: The role is missing a privilege: ERROR: must be owner of");
        }
        try (Watching watching = Watching.start(database, "tables=users", CLEANUP, "connection.user=" + role)) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
        }
        assertThat(objects("old")).isPositive();
    }

    private void leave(String connector, String delivery) throws Exception {
        Watching.start(database, "tables=users", "name=" + connector, "delivery.mode=" + delivery)
                .close();
        database.awaitNoTask();
    }

    private void leaseIsOver(String connector) throws Exception {
        database.execute("SELECT setval('ectowatch.\"" + connector + ".lease\"', 1)");
    }

    private static OrphanedConnectors orphans(boolean cleanup) {
        return new OrphanedConnectors(
                new ObjectNames("shop", "ectowatch"),
                new InstallOptions(InstallMode.APPLY, false, cleanup, 50, OnTableError.CONTINUE, false, false, false),
                milliseconds -> true);
    }

    private long objects(String connector) throws Exception {
        return Long.parseLong(database.column("SELECT count(*) FROM pg_description WHERE starts_with(description, '"
                        + Marker.beginning(connector) + "')")
                .get(0));
    }
}
