package io.ectowatch.connect.install.objects;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A connector's objects that another role has restored, and owns. */
class RestoredObjectsIT {

    @NewDatabase
    private TestDatabase database;

    private String stranger;
    private String connector;

    @BeforeEach
    void aTable() throws Exception {
        stranger = database.role("stranger");
        connector = database.role("connector");
        database.execute(
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + stranger + ", " + connector,
                "CREATE TABLE users (id int PRIMARY KEY, email text)",
                "GRANT TRIGGER ON users TO " + connector);
    }

    /** As a restore with --no-owner leaves it. A role that is no superuser could have changed the objects before. */
    @ParameterizedTest
    @CsvSource({"durable,postgres,ALTER", "notify,postgres,ALTER", "durable,stranger,DROP", "notify,stranger,DROP"})
    void whatAnotherRoleHasRestoredHasOneMessageAndOneStatementThatMendsIt(String delivery, String who, String action)
            throws Exception {
        String[] settings = settings(delivery);
        Watching.start(database, settings).close();
        Watching.start(database, settings(delivery, "name=shop.other")).close();
        database.awaitNoTask();
        String restorer = who.equals("stranger") ? stranger : who;
        database.execute(owned(restorer, "shop").toArray(String[]::new));
        assertThat(owned(connector, "shop")).hasSizeGreaterThan(4);

        String message = Validation.errors(database, settings).get("database.schema");

        assertThat(message)
                .hasSizeLessThan(2_500)
                .containsPattern(": \\S+, \\S+, .+ and \\d+ more objects of connector shop"
                        + " are owned by (superuser|role) " + restorer + ", not by role " + connector);
        assertThat(message.split("are owned by")).hasSize(2);
        Matcher statement = Pattern.compile("run: (DO (\\$\\w+\\$).*?\\2;)").matcher(message);
        assertThat(statement.find()).as(message).isTrue();
        assertThat(statement.group(1)).contains(action);
        database.execute(statement.group(1));
        assertThat(database.column(
                        "SELECT proname FROM pg_proc WHERE proname LIKE 'shop.other.%' AND pg_get_userbyid(proowner)"
                                + " = '" + connector + "'"))
                .isNotEmpty();
        try (Watching watching = Watching.start(database, settings)) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(all -> watching.published().contains("public.users inserted [1]"));
        }
    }

    /** The statements that give a connector's objects to that role. */
    private List<String> owned(String role, String name) throws Exception {
        return database.column("SELECT format('ALTER %s %s OWNER TO " + role
                + "', CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW'"
                + " ELSE 'TABLE' END, oid::regclass) FROM pg_class WHERE relkind IN ('r', 'S', 'v')"
                + " AND (obj_description(oid) LIKE '%\"" + name + "\"%' OR relname = 'status')"
                + " UNION ALL SELECT format('ALTER FUNCTION %s OWNER TO " + role
                + "', oid::regprocedure) FROM pg_proc WHERE obj_description(oid) LIKE '%\"connector\":\"" + name
                + "\"%' OR pronamespace = to_regnamespace('ectowatch')"
                + " AND proname IN ('uninstall', 'backfill', 'backfill_stop', 'connectors', 'check')");
    }

    private String[] settings(String delivery, String... more) {
        return Stream.concat(
                        Stream.of("tables=users", "delivery.mode=" + delivery, "connection.user=" + connector),
                        Stream.of(more))
                .toArray(String[]::new);
    }
}
