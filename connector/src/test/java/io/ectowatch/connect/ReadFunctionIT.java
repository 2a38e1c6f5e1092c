package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With a verified installation, a role that may not read the tables backfills them by the functions of their owners. */
class ReadFunctionIT extends ReviewedInstallation {

    private static final String FUNCTION = "ectowatch.\"shop.shop.users.read\"(text[], integer)";
    private static final String QUOTED = "\"ectowatch\".\"shop.shop.users.read\"(text[], integer)";

    private String owner;
    private String deployer;

    @BeforeEach
    void anApplicationOwnsTheTables() throws Exception {
        owner = database.role("app");
        deployer = database.role("deployer");
        database.execute(
                "ALTER TABLE shop.users OWNER TO " + owner,
                "ALTER TABLE posts OWNER TO " + owner,
                "ALTER TABLE posts_2026 OWNER TO " + owner,
                "GRANT USAGE ON SCHEMA shop TO " + owner,
                "INSERT INTO shop.users SELECT n, 'secret ' || n FROM generate_series(-5, 300) AS n",
                "INSERT INTO posts SELECT n, '2026-01-01' FROM generate_series(1, 40) AS n");
    }

    private String[] backfilling(String backfill) {
        return with(settings("durable"), "watchers.named.extra.columns=email", "backfill=" + backfill);
    }

    private static long reads(List<Change> all, String table) {
        return all.stream()
                .filter(change -> change.event() == Event.READ)
                .filter(change -> change.table().shape().name().toString().equals(table))
                .count();
    }

    private static boolean backfilled(List<Change> all, int tables) {
        return all.stream().filter(change -> change.event() == Event.BACKFILLED).count() == tables;
    }

    private void runAs(String someone, String sql) throws SQLException {
        try (Connection connection = database.connectAs(someone);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> errors(String... settings) {
        return values(settings).stream()
                .map(ConfigValue::errorMessages)
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void theRoleReadsWhatIsPublishedAndNothingElse() throws Exception {
        String[] settings = backfilling("new");
        database.execute(printed(settings));
        assertThat(errors(with(settings, VERIFY))).isEmpty();

        try (Watching watching = Watching.start(database, with(settings, VERIFY))) {
            List<Change> all = watching.changes(changes -> backfilled(changes, 2));

            assertThat(reads(all, "shop.users")).isEqualTo(300);
            assertThat(reads(all, "public.posts")).isEqualTo(40);
        }
        assertThatThrownBy(() -> runAs(role, "SELECT id FROM shop.users")).hasMessageContaining("permission denied");
        for (String other : List.of(deployer, owner)) {
            boolean may = other.equals(owner);
            assertThat(database.column("SELECT has_function_privilege('" + other + "', '" + FUNCTION + "', 'EXECUTE')"))
                    .containsExactly(may ? "t" : "f");
        }
        assertThat(database.column("SELECT r.rolname FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner"
                        + " WHERE p.prosecdef AND p.proname LIKE '%.read'"))
                .containsExactly(owner, owner);
    }

    @Test
    void ofRowsThatNoWatcherPublishesOnlyTheKeyIsRead() throws Exception {
        String[] settings = backfilling("new");
        database.execute(printed(settings));
        database.execute(
                "GRANT USAGE ON SCHEMA ectowatch TO " + owner,
                "GRANT EXECUTE ON FUNCTION " + FUNCTION + " TO " + owner);

        assertThat(database.column(
                        "SELECT entry FROM ectowatch.\"shop.shop.users.read\"(NULL, 7) WHERE key IS NOT NULL"))
                .containsExactly("[0,", "[0,", "[0,", "[0,", "[0,", "[0,", "[1, 1, \"secret 1\"]");
    }

    @Test
    void aRoleThatIsAMemberOfTheTablesOwnerCanRunTheScript() throws Exception {
        String[] settings = backfilling("new");
        database.execute(
                "GRANT " + owner + " TO " + deployer,
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + deployer,
                "GRANT USAGE ON SCHEMA shop, public TO " + deployer + " WITH GRANT OPTION");
        String sql = printed(settings);
        runAs(deployer, sql);
        runAs(deployer, sql);

        assertThat(database.column("SELECT has_schema_privilege('" + owner + "', 'ectowatch', 'CREATE')"))
                .containsExactly("f");
        try (Watching watching = Watching.start(database, with(settings, VERIFY))) {
            List<Change> all = watching.changes(changes -> backfilled(changes, 2));
            assertThat(reads(all, "shop.users")).isEqualTo(300);
        }
    }

    @Test
    void aRoleThatCannotGiveTheFunctionAwayLearnsWhatToDo() throws Exception {
        database.execute(
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + deployer,
                "GRANT USAGE ON SCHEMA shop, public TO " + deployer + " WITH GRANT OPTION",
                "GRANT TRIGGER, SELECT ON shop.users, posts, posts_2026 TO " + deployer);

        assertThatThrownBy(() -> runAs(deployer, printed(backfilling("new"))))
                .hasMessageContaining("cannot give the function that reads table")
                .hasMessageContaining("to role " + owner)
                .hasMessageContaining(
                        "Run the script as a superuser, or as a member of that role. Or set backfill=none");
        assertThat(database.column("SELECT proname FROM pg_proc WHERE proname LIKE '%.read'"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP FUNCTION %1$s|CREATE OR REPLACE FUNCTION \"ectowatch\".\"shop.shop.users.read\"",
                "ALTER FUNCTION %1$s SECURITY INVOKER|CREATE OR REPLACE FUNCTION \"ectowatch\".\"shop.shop.users.read\"",
                "ALTER FUNCTION %1$s SET search_path = shop|CREATE OR REPLACE FUNCTION \"ectowatch\".\"shop.shop.users.read\"",
                "ALTER FUNCTION %1$s VOLATILE|CREATE OR REPLACE FUNCTION \"ectowatch\".\"shop.shop.users.read\"",
                "COMMENT ON FUNCTION %1$s IS NULL|CREATE OR REPLACE FUNCTION \"ectowatch\".\"shop.shop.users.read\"",
                "ALTER FUNCTION %1$s OWNER TO CURRENT_USER|ALTER FUNCTION %4$s OWNER TO \"%3$s\"",
                "REVOKE EXECUTE ON FUNCTION %1$s FROM %2$s|GRANT EXECUTE ON FUNCTION %4$s TO \"%2$s\"",
                "GRANT EXECUTE ON FUNCTION %1$s TO PUBLIC|REVOKE ALL ON FUNCTION %4$s FROM PUBLIC",
                "ALTER TABLE shop.users OWNER TO CURRENT_USER|CREATE OR REPLACE FUNCTION \"ectowatch\".\"shop.shop.users.read\""
            })
    void differencesAreReportedWithWhatToRun(String change) throws Exception {
        String[] parts = change.formatted(FUNCTION, role, owner, QUOTED).split("\\|");
        String[] settings = backfilling("new");
        database.execute(printed(settings), parts[0]);

        assertThat(errors(with(settings, VERIFY)))
                .singleElement()
                .asString()
                .startsWith("install.mode: The installation differs")
                .contains(parts[1])
                .doesNotContain("posts");

        database.execute(printed(settings));
        assertThat(errors(with(settings, VERIFY))).isEmpty();
    }

    @Test
    void onlyAConfigurationWithBackfillsHasTheFunctions() throws Exception {
        database.execute(printed(backfilling("none")));
        assertThat(database.column("SELECT proname FROM pg_proc WHERE proname LIKE '%.read'"))
                .isEmpty();
        assertThat(errors(with(backfilling("none"), VERIFY))).isEmpty();

        database.execute(printed(backfilling("resync")));
        assertThat(errors(with(backfilling("none"), VERIFY)))
                .singleElement()
                .asString()
                .contains("DROP FUNCTION IF EXISTS " + QUOTED);

        database.execute(printed(backfilling("none")));
        assertThat(errors(with(backfilling("none"), VERIFY))).isEmpty();
    }

    @Test
    void anUninstallationDropsThem() throws Exception {
        database.execute(printed(backfilling("new")), "SELECT ectowatch.uninstall('shop')");

        assertThat(database.column("SELECT proname FROM pg_proc WHERE proname LIKE 'shop.%'"))
                .isEmpty();
        assertThat(database.column("SELECT count(*) FROM pg_namespace WHERE nspname = 'ectowatch'"))
                .containsExactly("0");
    }

    @Test
    void aTableWhoseFunctionChangesMeanwhileIsInTrouble() throws Exception {
        String[] settings = with(backfilling("resync"), VERIFY, "table.poll.interval.ms=1000");
        database.execute(printed(backfilling("resync")));
        try (Watching watching = Watching.start(database, settings)) {
            database.execute("ALTER FUNCTION " + FUNCTION + " SECURITY INVOKER");
            watching.changes(all -> watching.metrics().tablesInTrouble() == 1);

            database.execute(printed(backfilling("resync")));
            watching.changes(all -> watching.metrics().tablesInTrouble() == 0);
        }
    }

    @Test
    void aBackfillWithAConditionNeedsThePrivilegeToRead() throws Exception {
        String[] settings = backfilling("resync");
        database.execute(printed(settings));
        try (Watching watching = Watching.start(database, with(settings, VERIFY))) {
            assertThatThrownBy(() ->
                            database.execute("SELECT ectowatch.backfill('shop', 'shop.users', 'email = ''secret 7''')"))
                    .hasMessageContaining("may not read columns email, id of table shop.users")
                    .hasMessageContaining(
                            "A backfill with a condition does not use function " + FUNCTION.replace(", ", ","))
                    .hasMessageContaining("GRANT SELECT (email, id) ON shop.users TO " + role);

            database.execute("SELECT ectowatch.backfill('shop', 'posts')");
            assertThat(reads(watching.changes(all -> backfilled(all, 1)), "public.posts"))
                    .isEqualTo(40);
            database.execute(
                    "GRANT SELECT (id, email) ON shop.users TO " + role,
                    "SELECT ectowatch.backfill('shop', 'shop.users', 'email = ''secret 7''')");
            assertThat(reads(watching.changes(all -> backfilled(all, 2)), "shop.users"))
                    .isEqualTo(1);
        }
    }

    @Test
    void withoutTheSettingThereIsNoFunctionAndACallNeedsThePrivilegeToRead() throws Exception {
        String[] settings = backfilling("none");
        String sql = printed(settings);
        assertThat(sql).contains("FUNCTION \"ectowatch\".\"backfill\"").doesNotContain(".read\"");
        database.execute(sql);
        assertThat(errors(with(settings, VERIFY))).isEmpty();
        try (Watching watching = Watching.start(database, with(settings, VERIFY))) {
            assertThatThrownBy(() -> database.execute("SELECT ectowatch.backfill('shop', 'shop.users')"))
                    .hasMessageContaining("may not read columns")
                    .hasMessageContaining("Run: GRANT SELECT (email, id) ON shop.users TO " + role)
                    .hasMessageContaining("Or set backfill to new, resync or both")
                    .hasMessageContaining("install.mode=print");

            database.execute(
                    "GRANT SELECT (email, id) ON shop.users TO " + role,
                    "SELECT ectowatch.backfill('shop', 'shop.users')");
            assertThat(reads(watching.changes(all -> backfilled(all, 1)), "shop.users"))
                    .isPositive();
        }
    }

    @Test
    void aRoleThatMayCreateObjectsInTheSchemaIsRefused() throws Exception {
        database.execute("CREATE SCHEMA ectowatch");
        String[] settings = backfilling("new");
        database.execute(printed(settings), "GRANT CREATE ON SCHEMA ectowatch TO " + owner);

        assertThat(errors(with(settings, VERIFY)))
                .singleElement()
                .asString()
                .contains("Role " + owner + " may create objects in schema ectowatch, and so could replace a function")
                .contains("REVOKE CREATE ON SCHEMA \"ectowatch\" FROM \"" + owner + "\";");
        assertThat(errors(with(backfilling("none"), VERIFY))).noneMatch(error -> error.contains("could replace"));
    }
}
