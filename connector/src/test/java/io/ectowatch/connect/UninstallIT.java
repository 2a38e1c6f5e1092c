package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.journal.JournalSource;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.Watching;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connector is uninstalled when Connect resets its offsets; or, without Connect, by a function. */
class UninstallIT extends LeavingConnector {

    @InBothDeliveries
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
                WHERE pronamespace = 'ectowatch'::regnamespace
                  AND proname NOT IN ('uninstall', 'backfill', 'backfill_stop', 'connectors', 'check')
                  AND NOT coalesce(starts_with(obj_description(oid, 'pg_proc'), '{"ectowatch":1,"connector":"shop",'), false)
                UNION ALL
                SELECT nspname FROM pg_namespace
                WHERE nspname = 'ectowatch'
                  AND NOT coalesce(starts_with(obj_description(oid, 'pg_namespace'), '{"ectowatch":1,"connector":"",'), false)
                """)).isEmpty();
    }

    @InBothDeliveries
    void theNextStartInstallsAgainAndAnnouncesNoGap(String delivery) throws Exception {
        String[] settings = watchingAll(delivery);
        leave(settings);
        alter(settings, Map.of());
        database.execute("INSERT INTO users VALUES (1)");

        try (Watching watching = Watching.start(database, settings)) {
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [2]");
        }
    }

    @InBothDeliveries
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
            assertThat(other.published()).containsExactly("public.users inserted [1]");
        }
        assertThat(query("SELECT proname FROM pg_proc WHERE pronamespace = 'ectowatch'::regnamespace"))
                .contains("uninstall")
                .noneMatch(name -> name.startsWith("shop."));
        database.awaitNoTask();
        assertThat(query("SELECT ectowatch.uninstall('shop2') > 5")).containsExactly("t");
        assertThat(query(OURS)).isEmpty();
    }

    @Test
    void objectsOfOthersInTheSchemaStay() throws Exception {
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
    void aSchemaOfAnotherRoleStays() throws Exception {
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

    private static Map<Map<String, ?>, Map<String, ?>> forgetting(Map<String, ?> partition) {
        Map<Map<String, ?>, Map<String, ?>> offsets = new HashMap<>();
        offsets.put(partition, null);
        return offsets;
    }
}
