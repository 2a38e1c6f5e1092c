package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.wiring.Components;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A role, a database or a server gives its sessions settings of every kind: the connector's work is the same. */
@InBothDeliveries
class SessionSettingsIT extends EitherDelivery {

    /** Each line alone, as one of them could hide another. */
    private static final List<String> DANGEROUS = List.of(
            "standard_conforming_strings=off",
            "exit_on_error=on|row_security=off",
            "default_transaction_read_only=on|default_transaction_deferrable=on|default_transaction_isolation=serializable",
            "search_path=hostile, pg_catalog|quote_all_identifiers=on|array_nulls=off|transform_null_equals=on",
            "default_table_access_method=another|default_tablespace=nowhere|plpgsql.variable_conflict=use_column"
                    + "|session_replication_role=replica",
            "plpgsql.extra_errors=all|plpgsql.variable_conflict=error|check_function_bodies=on");

    /** All at once: none of them can hide what another does. */
    private static final List<String> HARMLESS = List.of(
            "DateStyle=German, DMY",
            "IntervalStyle=postgres_verbose",
            "TimeZone=Asia/Kathmandu",
            "bytea_output=escape",
            "extra_float_digits=-15",
            "client_min_messages=debug5",
            "xmlbinary=hex",
            "xmloption=document",
            "backslash_quote=off",
            "synchronous_commit=off",
            "plan_cache_mode=force_generic_plan",
            "enable_indexscan=off",
            "enable_hashjoin=off",
            "enable_sort=off",
            "enable_material=off",
            "from_collapse_limit=1",
            "join_collapse_limit=1",
            "geqo_threshold=2",
            "work_mem=64kB",
            "temp_file_limit=0",
            "commit_delay=1000",
            "default_statistics_target=1",
            "ectowatch.mute=on");

    @Test
    void noSettingOfTheRoleChangesWhatIsDelivered() throws Exception {
        String role = database.role("settled");
        database.execute(
                "CREATE SCHEMA pgshop",
                "CREATE TABLE pgshop.users (id int PRIMARY KEY, name text, n int)",
                "CREATE SCHEMA hostile",
                "CREATE FUNCTION hostile.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz'",
                "CREATE FUNCTION hostile.equal(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
                "CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.equal)",
                "GRANT USAGE ON SCHEMA hostile, pgshop TO " + role,
                "GRANT TRIGGER ON pgshop.users TO " + role,
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + role);
        if (database.number("SELECT count(*) FROM pg_am WHERE amname = 'another'") == 0) {
            database.execute("CREATE ACCESS METHOD another TYPE TABLE HANDLER heap_tableam_handler");
        }
        List<String> runs = new ArrayList<>(DANGEROUS);
        runs.add(String.join("|", HARMLESS));
        runs.add(timeouts());
        int id = 0;
        for (String run : runs) {
            give(role, run);
            id += 10;
            works(role, run, id);
        }
    }

    private static String timeouts() {
        return "statement_timeout=300ms|lock_timeout=1ms|idle_in_transaction_session_timeout=1ms|idle_session_timeout=500ms"
                + (TestDatabase.serverVersion() >= 17 ? "|transaction_timeout=250ms" : "");
    }

    private void give(String role, String settings) throws Exception {
        database.execute(Stream.concat(
                        Stream.of("ALTER ROLE " + role + " RESET ALL"),
                        Stream.of(settings.split("\\|"))
                                .map(setting -> setting.split("=", 2))
                                .map(pair -> "ALTER ROLE " + role + " SET " + pair[0] + " = "
                                        + (pair[0].equals("search_path") ? pair[1] : "'" + pair[1] + "'")))
                .toArray(String[]::new));
    }

    /** From nothing to changes of every kind, and what the connector does on its own. */
    private void works(String role, String run, int id) throws Exception {
        String[] settings = {
            "connection.user=" + role,
            "delivery.mode=" + delivery(),
            "tables=pgs*.*",
            "watchers=slashed",
            "watchers.slashed.table=pgshop.users",
            "watchers.slashed.when=NEW.name LIKE '%a' AND NEW.n IS NOT NULL",
            "watchers.slashed.events=inserted",
            "watchers.slashed.label=slashed",
            "watchers.slashed.extra.columns=name"
        };
        assertThat(Validation.errors(database, settings)).as(run).isEmpty();
        assertThat(Validation.errors(
                        database, ReviewedInstallation.with(settings, "watchers.slashed.when=NEW.none > 0")))
                .as(run)
                .containsOnlyKeys("watchers.slashed.when");
        try (Watching watching = start(ReviewedInstallation.with(settings, "delivery.mode=" + delivery()))) {
            database.execute(
                    "INSERT INTO pgshop.users VALUES (" + id + ", 'a', NULL)",
                    "INSERT INTO pgshop.users SELECT g, 'a', g FROM generate_series(" + (id + 1) + ", " + (id + 2)
                            + ") g",
                    "UPDATE pgshop.users SET id = -id WHERE id = " + id,
                    "DELETE FROM pgshop.users");
            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.DELETED));
            assertThat(watching.published())
                    .as(run)
                    .anySatisfy(change -> assertThat(change).startsWith("pgshop.users inserted [" + id))
                    .anySatisfy(change -> assertThat(change).startsWith("pgshop.users inserted [" + (id + 2)));
            watching.commit();
        }
        assertThat(
                        database.number(
                                "SELECT count(*) FROM pg_class AS c JOIN pg_am AS a ON a.oid = c.relam"
                                        + " WHERE c.relnamespace = 'ectowatch'::regnamespace AND c.relkind = 'r' AND a.amname <> 'heap'"))
                .as(run)
                .isZero();
        database.awaitNoTask();
        database.execute("SELECT ectowatch.uninstall('shop')");
    }

    @Test
    void everySessionHasTheSettingsThatItNeeds() throws Exception {
        String role = database.role("settled");
        give(role, String.join("|", DANGEROUS.subList(0, 4)) + "|" + timeouts() + "|jit=on|jit_above_cost=0");
        Connections connections = Components.connections(
                Watching.config(database, "tables=users", "connection.user=" + role, "connection.timeout.ms=3000"));
        for (Connection opened : List.of(connections.open(), connections.openForNotifications())) {
            try (Connection connection = opened;
                    Statement statement = connection.createStatement();
                    ResultSet row =
                            statement.executeQuery("SELECT string_agg(name || '=' || setting, ' ' ORDER BY name)"
                                    + " FROM pg_settings WHERE name IN ('search_path', 'statement_timeout', 'lock_timeout',"
                                    + " 'idle_session_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout',"
                                    + " 'standard_conforming_strings', 'exit_on_error', 'row_security', 'jit',"
                                    + " 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable')")) {
                row.next();
                assertThat(row.getString(1))
                        .isEqualTo("exit_on_error=off idle_in_transaction_session_timeout=3000 idle_session_timeout=0"
                                + " jit=off lock_timeout=3000 row_security=off search_path=pg_catalog"
                                + " standard_conforming_strings=on statement_timeout=3000"
                                + " transaction_deferrable=off transaction_isolation=read committed"
                                + " transaction_read_only=off"
                                + (TestDatabase.serverVersion() >= 17 ? " transaction_timeout=0" : ""));
            }
        }
    }
}
