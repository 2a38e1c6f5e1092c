package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What validation says of watchers in the long form when it has looked at the database. */
class WatcherValidationIT {

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aDatabase() throws Exception {
        database.execute(
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC", // as from PostgreSQL 15 on
                "CREATE TABLE users (id int PRIMARY KEY, email text, score int)",
                "CREATE TABLE posts (id int PRIMARY KEY, author int NOT NULL, editor int, email text)",
                "CREATE TABLE words (word text PRIMARY KEY, email text)",
                "CREATE SEQUENCE counter",
                "CREATE FUNCTION fine(int) RETURNS bool LANGUAGE sql STABLE AS 'SELECT true'",
                "CREATE FUNCTION writes(int) RETURNS bool LANGUAGE sql AS 'DELETE FROM users; SELECT true'");
    }

    @AfterEach
    void nothingWasTouched() throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT (SELECT count(*) FROM pg_namespace WHERE nspname ="
                        + " 'ectowatch') + (SELECT count(*) FROM counter WHERE is_called)")) {
            row.next();
            assertThat(row.getInt(1)).isZero();
        }
    }

    @Test
    void everyOptionTogetherIsFine() {
        assertThat(errors(
                        "tables=posts, users",
                        "include.changed.columns=true",
                        "skip.unchanged.updates=true",
                        "old.values=true",
                        "replicated=true",
                        "watchers=w",
                        "watchers.w.table=posts",
                        "watchers.w.columns=email",
                        "watchers.w.key.columns=author",
                        "watchers.w.when=NEW.id > 3 OR OLD.id > 3 AND public.fine(OLD.editor)",
                        "watchers.w.topic=elsewhere",
                        "watchers.w.extra.columns=email"))
                .isEmpty();
    }

    @Test
    void topicsThatDifferOnlyInDotAndUnderscoreAreRefusedWithBothWatchers() throws Exception {
        assertThat(errors("tables=users", "watchers=w", "watchers.w.table=posts", "watchers.w.label=users_updated"))
                .containsOnlyKeys("watchers.w.label")
                .hasEntrySatisfying("watchers.w.label", message -> assertThat(message)
                        .contains("ectowatch.users_updated of watchers.w on public.posts")
                        .contains("ectowatch.users.updated of tables on public.users")
                        .contains("differ only in '.' and '_'"));

        database.execute(
                "CREATE TABLE \"line.items\" (id int PRIMARY KEY)", "CREATE TABLE line_items (id int PRIMARY KEY)");
        assertThat(errors("tables=line_items, \"line.items\""))
                .containsOnlyKeys("topic.format")
                .hasEntrySatisfying("topic.format", message -> assertThat(message)
                        .contains("ectowatch.line.items.inserted")
                        .contains("ectowatch.line_items.inserted"));
        assertThat(errors("tables=line_items", "watchers=w", "watchers.w.table=users", "watchers.w.label=line_item"))
                .isEmpty();
    }

    @Test
    void aTopicOfKafkasOwnIsRefused() {
        assertThat(errors("watchers=w", "watchers.w.table=users", "watchers.w.topic=__consumer_offsets"))
                .containsOnlyKeys("watchers.w.topic")
                .hasEntrySatisfying(
                        "watchers.w.topic", message -> assertThat(message).contains("is an internal topic of Kafka"));
    }

    @ParameterizedTest
    @CsvSource({"columns", "key.columns", "extra.columns"})
    void anUnknownColumnIsReportedOnItsKey(String setting) {
        assertThat(errors("watchers=w", "watchers.w.table=users", "watchers.w." + setting + "=emial"))
                .containsOnlyKeys("watchers.w." + setting)
                .hasEntrySatisfying("watchers.w." + setting, message -> assertThat(message)
                        .contains("public.users has no column emial")
                        .contains("Did you mean email?"));
    }

    @Test
    void aPatternWhoseTablesDoNotAllHaveTheColumnIsReportedOnceWithTheTables() {
        assertThat(errors(
                        "watchers=w", "watchers.w.table=*", "watchers.w.extra.columns=score,id", "watchers.w.label=l"))
                .containsOnlyKeys("watchers.w.extra.columns")
                .hasEntrySatisfying("watchers.w.extra.columns", message -> assertThat(message)
                        .contains("Table public.posts has no column score.")
                        .contains("It is also missing in public.words.")
                        .contains("Table public.words has no column id.")
                        .contains("narrow the pattern"));
        assertThat(errors("watchers=w", "watchers.w.table=*", "watchers.w.when=NEW.score > 1", "events=inserted")
                        .get("watchers.w.when"))
                .contains("For table public.posts PostgreSQL reports: column new.score does not exist.");
    }

    @Test
    void keyColumnsThatCanBeNullAreRefused() {
        assertThat(errors("watchers=w", "watchers.w.table=posts", "watchers.w.key.columns=author,editor"))
                .containsOnlyKeys("watchers.w.key.columns")
                .hasEntrySatisfying("watchers.w.key.columns", message -> assertThat(message)
                        .contains("Column editor of public.posts can be null")
                        .contains("SET NOT NULL"));
    }

    @ParameterizedTest
    @CsvSource({"tables=users, replicated", "watchers.w.table=users, watchers.w.replicated"})
    void triggersThatAlwaysFireNeedTheTablesOwner(String watched, String setting) throws Exception {
        String role = database.role("connector");
        String owner = database.role("owner");
        database.execute(
                "ALTER TABLE users OWNER TO " + owner,
                "GRANT TRIGGER ON users TO " + role,
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + role);
        String[] settings = {watched, "watchers=" + (setting.contains("w.") ? "w" : ""), "connection.user=" + role};
        assertThat(errors(settings)).isEmpty();

        String[] replicated = with(settings, setting + "=true");
        assertThat(errors(replicated)).containsOnlyKeys(setting).hasEntrySatisfying(setting, message -> assertThat(
                        message)
                .contains("Only the owner of public.users")
                .contains("GRANT \"" + owner + "\" TO \"" + role + "\";"));
        assertThat(errors(with(replicated, "install.mode=print"))).isEmpty();
        database.execute("GRANT " + owner + " TO " + role);
        assertThat(errors(replicated)).isEmpty();
    }

    @Test
    void aVirtualColumnCanBeNeitherComparedNorKeyedBy() throws Exception {
        assumeThat(TestDatabase.serverVersion()).isGreaterThanOrEqualTo(18);
        database.execute("ALTER TABLE users ADD twice int GENERATED ALWAYS AS (id * 2) VIRTUAL NOT NULL");
        assertThat(errors("watchers=w", "watchers.w.table=users", "watchers.w.columns=twice")
                        .get("watchers.w.columns"))
                .contains("virtual generated column");
        assertThat(errors("watchers=w", "watchers.w.table=users", "watchers.w.key.columns=twice")
                        .get("watchers.w.key.columns"))
                .contains("virtual generated column");
        assertThat(errors("watchers=w", "watchers.w.table=users", "events=updated", "watchers.w.when=NEW.twice > 1")
                        .get("watchers.w.when"))
                .contains("column new.twice does not exist");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    NEW.score >                        | syntax error
                    NEW.scor > 1                       | column new.scor does not exist. Perhaps you meant to reference the column "new.score"
                    NEW.score                          | must be type boolean, not type integer
                    score > 1 AND NEW.id = 1           | column reference "score" is ambiguous
                    NEW.score > 'x'                    | invalid input syntax for type integer: "x"
                    count(NEW.score) > 1               | aggregate functions are not allowed
                    rank() OVER (ORDER BY NEW.id) > 1  | window functions are not allowed
                    generate_series(1, NEW.id) > 1     | set-returning functions are not allowed
                    fine(NEW.id)                       | function fine(integer) does not exist. No function matches the given name
                    nextval('public.counter') > NEW.id | Function pg_catalog.nextval is VOLATILE
                    public.writes(NEW.id)              | Function public.writes is VOLATILE
                    NEW.id > 1 UNION ALL               | syntax error
                    NEW.ctid IS NULL                   | column new.ctid does not exist
                    users.id = NEW.id                  | missing FROM-clause entry for table "users"
                    NEW.email = {fn now()}             | syntax error
                    """)
    void anInvalidConditionIsReportedInTheServersWords(String condition, String message) {
        assertThat(errors("watchers=w", "watchers.w.table=users", "events=updated", "watchers.w.when=" + condition))
                .containsOnlyKeys("watchers.w.when")
                .hasEntrySatisfying(
                        "watchers.w.when",
                        error -> assertThat(error).contains(message).doesNotContain("Position"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    app.f(NEW.id)                            | Function app.f is owned by role app_
                    NEW.id > 1 AND app."f" (OLD.id)          | Function app.f is owned by role app_
                    NEW.id OPERATOR(app.@@@) 1               | Operator app.@@@ is owned by role app_
                    NEW.id OPERATOR ( "app" . @@@ ) 1        | Operator app.@@@ is owned by role app_
                    NEW.id OPERATOR(public.@@@) 1            | Operator public.@@@ is owned by role app_
                    NEW.id OPERATOR(public.~@) 1             | Operator public.~@ is VOLATILE
                    NEW.email = ('a'::app.mood)::text        | Type app.mood is owned by role app_
                    NEW.email = CAST('a' AS app.mood)::text  | Type app.mood is owned by role app_
                    NEW.id = 1 OR app.mood 'a' IS NULL       | Type app.mood is owned by role app_
                    NEW.id = '1'::app.whole                  | Type app.whole is owned by role app_
                    NEW.id::public.whole IS NULL             | Type public.whole is a domain, a composite or a range
                    NEW.id = ('a'::public.writing)::int4     | Cast function public.writes is VOLATILE
                    NEW.id = ('a'::public.foreign_cast)::int8 | Cast function app.to_int8 is owned by role app_
                    open.fine(NEW.id)                        | create objects (PUBLIC)
                    """)
    void aConditionThatWouldRunTheCodeOfAnotherRoleIsRefused(String condition, String message) throws Exception {
        code();
        assertThat(errors("watchers=w", "watchers.w.table=users", "events=updated", "watchers.w.when=" + condition))
                .containsOnlyKeys("watchers.w.when")
                .hasEntrySatisfying(
                        "watchers.w.when", error -> assertThat(error).contains(message));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "public.same(NEW.id, OLD.id)",
                "NEW.id OPERATOR(pg_catalog.=) 1 AND NEW.id::pg_catalog.int8 = 1",
                // The cast belongs to the owner of its other type.
                "'a'::public.mood = 'a' AND NEW.id = 1",
                "NEW.email COLLATE pg_catalog.\"C\" < 'x'"
            })
    void aConditionMayUseWhatOnlyASuperuserCanMake(String condition) throws Exception {
        code();
        assertThat(errors("watchers=w", "watchers.w.table=users", "events=updated", "watchers.w.when=" + condition))
                .isEmpty();
    }

    @Test
    void whatTheConnectorsRoleOwnsMayRunOnlyWhereItsRoleInstallsTheTriggers() throws Exception {
        String role = database.role("connector");
        database.execute(
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + role,
                "GRANT TRIGGER ON users TO " + role,
                "CREATE SCHEMA mine AUTHORIZATION " + role,
                "CREATE FUNCTION mine.f(int) RETURNS bool LANGUAGE sql STABLE AS 'SELECT true'",
                "ALTER FUNCTION mine.f(int) OWNER TO " + role);
        String[] settings = {
            "connection.user=" + role,
            "watchers=w",
            "watchers.w.table=users",
            "events=updated",
            "watchers.w.when=mine.f(NEW.id)"
        };
        assertThat(errors(settings)).isEmpty();
        assertThat(errors(with(settings, "install.mode=print")).get("watchers.w.when"))
                .contains("Function mine.f is owned by role " + role)
                .contains("Make a superuser its owner");
    }

    private void code() throws Exception {
        String app = database.role("app");
        database.execute(
                "CREATE SCHEMA app AUTHORIZATION " + app,
                "CREATE SCHEMA open",
                "GRANT CREATE, USAGE ON SCHEMA open TO PUBLIC",
                "CREATE FUNCTION open.fine(int) RETURNS bool LANGUAGE sql STABLE AS 'SELECT true'",
                "CREATE FUNCTION app.f(int) RETURNS bool LANGUAGE sql STABLE AS 'SELECT true'",
                "CREATE FUNCTION same(int, int) RETURNS bool LANGUAGE sql STABLE AS 'SELECT true'",
                "CREATE FUNCTION writing(int, int) RETURNS bool LANGUAGE sql AS 'SELECT true'",
                "CREATE OPERATOR app.@@@ (FUNCTION = same, LEFTARG = int, RIGHTARG = int)",
                "CREATE OPERATOR public.@@@ (FUNCTION = same, LEFTARG = int, RIGHTARG = int)",
                "CREATE OPERATOR public.~@ (FUNCTION = writing, LEFTARG = int, RIGHTARG = int)",
                "CREATE TYPE app.mood AS ENUM ('a')",
                "CREATE DOMAIN app.whole AS int",
                "CREATE DOMAIN public.whole AS int",
                "CREATE TYPE public.mood AS ENUM ('a')",
                "CREATE TYPE public.writing AS ENUM ('a')",
                "CREATE FUNCTION writes(public.writing) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE CAST (public.writing AS int) WITH FUNCTION writes(public.writing)",
                "CREATE TYPE public.foreign_cast AS ENUM ('a')",
                "CREATE FUNCTION app.to_int8(public.foreign_cast) RETURNS int8 LANGUAGE sql STABLE AS 'SELECT 1::int8'",
                "CREATE CAST (public.foreign_cast AS int8) WITH FUNCTION app.to_int8(public.foreign_cast)",
                "CREATE FUNCTION app.to_mood(public.mood) RETURNS app.mood LANGUAGE sql AS 'SELECT NULL::app.mood'",
                "CREATE CAST (public.mood AS app.mood) WITH FUNCTION app.to_mood(public.mood)");
        database.execute(
                "ALTER FUNCTION app.to_int8(public.foreign_cast) OWNER TO " + app,
                "ALTER FUNCTION app.to_mood(public.mood) OWNER TO " + app,
                "ALTER FUNCTION app.f(int) OWNER TO " + app,
                "ALTER OPERATOR app.@@@ (int, int) OWNER TO " + app,
                "ALTER OPERATOR public.@@@ (int, int) OWNER TO " + app,
                "ALTER TYPE app.mood OWNER TO " + app,
                "ALTER DOMAIN app.whole OWNER TO " + app);
    }

    @Test
    void aLabelOrTopicForRecordsThatDoNotLookAlikeIsRefused() {
        String[] two = {"watchers=a,b", "watchers.a.table=users", "watchers.b.table=words"};
        assertThat(errors(with(two, "watchers.a.label=x", "watchers.b.label=x")))
                .containsOnlyKeys("watchers.b.label")
                .hasEntrySatisfying("watchers.b.label", message -> assertThat(message)
                        .contains("watchers.b (key (word text))")
                        .contains("watchers.a (key (id int32))")
                        .contains("would share the label x"));
        assertThat(errors(with(two, "watchers.a.topic=x", "watchers.b.topic=x")))
                .containsOnlyKeys("watchers.b.topic");
        assertThat(errors(with(
                        two,
                        "watchers.b.table=posts",
                        "watchers.a.label=x",
                        "watchers.b.label=x",
                        "watchers.b.extra.columns=email")))
                .containsOnlyKeys("watchers.b.label");
        assertThat(errors(with(two, "watchers.b.table=posts", "watchers.a.topic=x", "watchers.b.topic=x")))
                .isEmpty();
    }

    @Test
    void aTopicThatAnotherTableHasByTheFormatIsRejected() {
        assertThat(errors(
                        "tables=users",
                        "watchers=w",
                        "watchers.w.table=posts",
                        "watchers.w.topic=ectowatch.users.updated"))
                .containsOnlyKeys("watchers.w.topic")
                .hasEntrySatisfying("watchers.w.topic", message -> assertThat(message)
                        .contains("ectowatch.users.updated")
                        .contains("tables on public.users"));
        assertThat(errors(
                        "watchers=v,w",
                        "watchers.v.table=users",
                        "watchers.v.label=x",
                        "watchers.w.table=posts",
                        "watchers.w.topic=ectowatch.x"))
                .containsOnlyKeys("watchers.w.topic");
    }

    @Test
    void sixtyTwoWatchersOfATableMayChoose() {
        String[] settings = new String[63 * 3 + 1];
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < 63; i++) {
            names.append(i == 0 ? "" : ",").append('w').append(i);
            settings[3 * i] = "watchers.w" + i + ".table=users";
            settings[3 * i + 1] = "watchers.w" + i + ".label=l" + i;
            settings[3 * i + 2] = "watchers.w" + i + ".columns=email";
        }
        settings[63 * 3] = "watchers=" + names;
        assertThat(errors(settings)).containsOnlyKeys("watchers.w62");
        settings[63 * 3] = "watchers=" + names.substring(0, names.lastIndexOf(","));
        for (int i = 62 * 3; i < 63 * 3; i++) {
            settings[i] = "batch.max.records=1000";
        }
        assertThat(errors(settings)).isEmpty();
    }

    private static String[] with(String[] settings, String... more) {
        String[] all = Arrays.copyOf(settings, settings.length + more.length);
        System.arraycopy(more, 0, all, settings.length, more.length);
        return all;
    }

    /** The errors by key, several of one key joined. */
    private Map<String, String> errors(String... settings) {
        return Validation.errors(database, settings);
    }
}
