package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.install.ObjectNames;
import io.ectowatch.connect.install.Removal;
import io.ectowatch.connect.journal.JournalSource;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a connector leaves: by its offsets, which Connect resets, or by a function, for whoever has no Connect at hand. */
class UninstallIT {

    /** Everything of ours there could be, and what it could be in. */
    private static final String OURS = """
            SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = 'ectowatch'
            UNION ALL SELECT 'relation ' || oid::regclass FROM pg_class WHERE relname LIKE 'shop%'
            UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE proname LIKE 'shop%'
            UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT 'comment ' || description FROM pg_description WHERE description LIKE '%ectowatch%'
            """;

    private TestDatabase database;

    @BeforeEach
    void twoTables() throws Exception {
        database = TestDatabase.create();
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text)",
                "CREATE TABLE posts (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
                "CREATE TABLE posts_2026 PARTITION OF posts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')");
    }

    @AfterEach
    void close() {
        database.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void resettingTheOffsetsDropsAllThatTheConnectorMade(String delivery) throws Exception {
        String[] settings = watchingAll(delivery);
        leave(settings);
        assertThat(query(OURS)).hasSizeGreaterThan(10);

        assertThat(alter(settings, Map.of())).isTrue();

        assertThat(query(OURS)).isEmpty();
    }

    @Test
    void soDoesForgettingTheOneOffsetThereIs() throws Exception {
        String[] settings = watchingAll("durable");
        leave(settings);

        alter(settings, forgetting(JournalSource.partition("shop")));

        assertThat(query(OURS)).isEmpty();
    }

    @Test
    void forgettingTheOffsetOfAnotherPartitionDropsNothing() throws Exception {
        String[] settings = watchingAll("durable");
        leave(settings);
        List<String> before = query(OURS);

        alter(settings, forgetting(JournalSource.partition("other")));

        assertThat(query(OURS)).isEqualTo(before);
    }

    @Test
    void everythingThatTheConnectorMakesBearsItsMarker() throws Exception {
        leave(watchingAll("durable"));
        assertThat(query("""
                SELECT relname FROM pg_class
                WHERE relnamespace = 'ectowatch'::regnamespace AND relkind IN ('r', 'S')
                  AND NOT coalesce(starts_with(obj_description(oid, 'pg_class'), '{"ectowatch":1,"connector":"shop",'), false)
                UNION ALL
                SELECT proname FROM pg_proc
                WHERE pronamespace = 'ectowatch'::regnamespace AND proname <> 'uninstall'
                  AND NOT coalesce(starts_with(obj_description(oid, 'pg_proc'), '{"ectowatch":1,"connector":"shop",'), false)
                UNION ALL
                SELECT nspname FROM pg_namespace
                WHERE nspname = 'ectowatch'
                  AND NOT coalesce(starts_with(obj_description(oid, 'pg_namespace'), '{"ectowatch":1,"connector":"",'), false)
                """)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void theNextStartInstallsAnewAndTellsOfNoGap(String delivery) throws Exception {
        String[] settings = watchingAll(delivery);
        leave(settings);
        alter(settings, Map.of());
        database.execute("INSERT INTO users VALUES (1)");

        try (Watching watching = Watching.start(database, settings)) {
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(1);
            assertThat(watching.told()).containsExactly("public.users inserted [2]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void theSqlFunctionDoesTheSameWithoutConnect(String delivery) throws Exception {
        leave(watchingAll(delivery));

        List<String> dropped = query("SELECT ectowatch.uninstall('shop') > 5");

        assertThat(dropped).containsExactly("t");
        assertThat(query(OURS)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"it's", "a\\b", "a\"b", "$ectowatch$", "Käse %s"})
    void anOddlyNamedConnectorLeavesAsAnyOther(String name) throws Exception {
        String[] settings = {"tables=users", "name=" + name};
        leave(settings);
        leave("tables=users", "name=shop");

        alter(settings, Map.of());
        alter(new String[] {"tables=users", "name=shop"}, Map.of());

        assertThat(query(OURS)).isEmpty();
    }

    @Test
    void theOtherConnectorsOfTheSchemaStayAsTheyAre() throws Exception {
        leave("tables=users", "name=shop");
        try (Watching other = Watching.start(database, "tables=users", "name=shop2")) {
            alter(new String[] {"tables=users", "name=shop"}, Map.of());

            database.execute("INSERT INTO users VALUES (1)");
            other.changes(1);
            assertThat(other.told()).containsExactly("public.users inserted [1]");
        }
        assertThat(query("SELECT proname FROM pg_proc WHERE pronamespace = 'ectowatch'::regnamespace"))
                .contains("uninstall")
                .noneMatch(name -> name.startsWith("shop."));
        database.awaitNoTask();
        assertThat(query("SELECT ectowatch.uninstall('shop2') > 5")).containsExactly("t");
        assertThat(query(OURS)).isEmpty();
    }

    @Test
    void whatSomebodyElseHasPutIntoTheSchemaStays() throws Exception {
        leave(watchingAll("durable"));
        database.execute(
                "CREATE TABLE ectowatch.\"shop.mine\" (id int)",
                "COMMENT ON TABLE ectowatch.\"shop.mine\" IS '{\"connector\":\"shop\"}'");

        alter(watchingAll("durable"), Map.of());

        assertThat(query("SELECT relname FROM pg_class WHERE relnamespace = 'ectowatch'::regnamespace"))
                .containsExactly("shop.mine");
        assertThat(query("SELECT proname FROM pg_proc WHERE pronamespace = 'ectowatch'::regnamespace"))
                .isEmpty();
    }

    @Test
    void aSchemaThatSomebodyElseHasMadeStays() throws Exception {
        database.execute("CREATE SCHEMA ectowatch");
        leave(watchingAll("durable"));

        alter(watchingAll("durable"), Map.of());

        assertThat(query(OURS)).containsExactly("schema ectowatch");
    }

    @Test
    void aRoleThatOwnsNothingButItsTriggersRemovesThemToo() throws Exception {
        String role = database.role("watcher");
        database.execute(
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + role,
                "GRANT TRIGGER ON users, posts, posts_2026 TO " + role);
        String[] settings = watchingAll("durable", "connection.user=" + role);
        leave(settings);

        alter(settings, Map.of());

        assertThat(query(OURS)).isEmpty();
    }

    @Test
    void aConnectorAtWorkIsNotRemoved() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            assertThatThrownBy(() -> query("SELECT ectowatch.uninstall('shop')"))
                    .hasMessageContaining("connector shop is at work, and would make it all again: stop it first");
            assertThatThrownBy(() -> hasty("tables=users").apply(Map.of()))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("The offsets of connector shop stay, and nothing of it has been removed")
                    .hasMessageContaining("is at work");

            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            assertThat(watching.told()).containsExactly("public.users inserted [1]");
        }
    }

    @Test
    void aTableThatStaysLockedKeepsEverythingAndNobodyWaitsForIt() throws Exception {
        leave(watchingAll("durable"));
        List<String> before = query(OURS);
        try (Connection longOne = database.connect();
                Connection other = database.connect()) {
            longOne.setAutoCommit(false);
            longOne.createStatement().execute("INSERT INTO posts VALUES (1, '2026-05-01')");
            List<String> waits = new ArrayList<>();
            Removal removal = new Removal(new ObjectNames("shop", "ectowatch"), 200, milliseconds -> {
                try {
                    waits.addAll(query("SELECT relation::regclass::text FROM pg_locks WHERE NOT granted"));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                return true;
            });

            assertThat(removal.attempt(other)).get().asString().contains("a transaction holds the table");
            assertThatThrownBy(() -> hasty(watchingAll("durable")).apply(Map.of()))
                    .hasMessageContaining("nothing of it has been removed")
                    .hasMessageContaining("a transaction holds the table");
            assertThatThrownBy(() -> query("SET lock_timeout = 50; SELECT ectowatch.uninstall('shop')"))
                    .hasMessageContaining("lock timeout");

            assertThat(waits).isEmpty();
            assertThat(query(OURS)).isEqualTo(before);
            longOne.commit();
            assertThat(removal.attempt(other)).isEmpty();
        }
        assertThat(query(OURS)).isEmpty();
    }

    @Test
    void whatDependsOnTheJournalIsNotDroppedInPassing() throws Exception {
        leave(watchingAll("durable"));
        database.execute("CREATE VIEW journal_size AS SELECT count(*) FROM ectowatch.\"shop.journal.0\"");
        List<String> before = query(OURS);

        assertThatThrownBy(() -> alter(watchingAll("durable"), Map.of()))
                .hasMessageContaining("nothing of it has been removed")
                .hasMessageContaining("shop.journal.0");

        assertThat(query(OURS)).isEqualTo(before);
    }

    @Test
    void aStartInTheMiddleOfARemovalWaitsForItsEndAndInstallsAnew() throws Exception {
        leave("tables=users");
        try (Connection remover = database.connect()) {
            remover.setAutoCommit(false);
            remover.createStatement().execute("SELECT ectowatch.uninstall('shop')");
            try (Watching watching = Watching.begin(database, "tables=users")) {
                watching.poll();
                remover.commit();
                watching.awaitInstalled();
                database.execute("INSERT INTO users VALUES (1)");
                watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.INSERTED));
                assertThat(watching.told()).containsExactly("public.users inserted [1]");
            }
        }
    }

    @Test
    void aDatabaseThatIsGoneKeepsNoOffsets() throws Exception {
        String[] settings = {"tables=users", "connection.url=" + database.url() + "_gone"};
        assertThat(alter(settings, Map.of())).isTrue();
    }

    @Test
    void aServerThatDoesNotAnswerKeepsThem() {
        assertThatThrownBy(() -> alter(
                        new String[] {"tables=users", "connection.url=jdbc:postgresql://localhost:1/x"}, Map.of()))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("The offsets of connector shop stay")
                .hasMessageContaining("connection.url: No connection to PostgreSQL");
    }

    /** Has a task install, and end. */
    private void leave(String... settings) throws Exception {
        Watching.start(database, settings).close();
        database.awaitNoTask();
    }

    private static String[] watchingAll(String delivery, String... more) {
        String[] settings = Arrays.copyOf(
                new String[] {
                    "delivery.mode=" + delivery,
                    "tables=posts",
                    "watchers=named, emptied",
                    "watchers.named.table=users",
                    "watchers.named.events=inserted,updated",
                    "watchers.named.when=NEW.id > 0",
                    "watchers.emptied.table=users",
                    "watchers.emptied.events=truncated"
                },
                8 + more.length);
        System.arraycopy(more, 0, settings, 8, more.length);
        return settings;
    }

    private boolean alter(String[] settings, Map<Map<String, ?>, Map<String, ?>> offsets) {
        return new EctoWatchSourceConnector()
                .alterOffsets(Watching.config(database, settings).originalsStrings(), offsets);
    }

    private OffsetAlteration hasty(String... settings) {
        return new OffsetAlteration(Watching.config(database, settings), Duration.ofMillis(1));
    }

    private static Map<Map<String, ?>, Map<String, ?>> forgetting(Map<String, ?> partition) {
        Map<Map<String, ?>, Map<String, ?>> offsets = new HashMap<>();
        offsets.put(partition, null);
        return offsets;
    }

    private List<String> query(String sql) throws Exception {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = public");
            boolean rowsCome = statement.execute(sql);
            while (!rowsCome) {
                rowsCome = statement.getMoreResults();
            }
            try (ResultSet row = statement.getResultSet()) {
                while (row.next()) {
                    rows.add(row.getString(1));
                }
            }
        }
        rows.sort(null);
        return rows;
    }
}
