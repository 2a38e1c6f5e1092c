package io.ectowatch.connect.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of PostgreSQL's own functions a condition may call. */
class ConditionFunctionsIT {

    private static final Path REVIEWED =
            Path.of("src/test/resources/io/ectowatch/connect/watch/functions-for-conditions.txt");

    /** The server cuts it to 63 bytes. */
    private static final String LONG_NAME = "evil" + "_".repeat(70);

    @AutoClose
    private static final TestDatabase DATABASE = TestDatabase.create();

    /** Whenever another role runs the application's function, a sequence notes it, beyond any rollback. */
    @BeforeAll
    static void anApplicationWithADomainAndAView() throws Exception {
        String app = DATABASE.role("app");
        DATABASE.execute(
                "CREATE SCHEMA app AUTHORIZATION " + app,
                "CREATE SCHEMA page AUTHORIZATION " + app,
                "CREATE TABLE users (id int PRIMARY KEY, email text, score numeric, visits int, active bool, born date,"
                        + " seen timestamptz, doc jsonb, raw json, tags text[], numbers int[], token uuid,"
                        + " address inet, span tstzrange, payload bytea, words tsvector)");
        try (Connection connection = DATABASE.connectAs(app);
                Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = app, pg_catalog; CREATE SEQUENCE ran;"
                    + " CREATE FUNCTION evil(int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN IF current_user <> '" + app
                    + "' THEN PERFORM nextval('app.ran'); END IF; RETURN true; END $$;"
                    + " CREATE FUNCTION " + LONG_NAME + "(int) RETURNS bool STABLE LANGUAGE plpgsql"
                    + " AS 'BEGIN RETURN app.evil($1); END';"
                    + " CREATE DOMAIN trap AS int CHECK (app.evil(VALUE));"
                    + " CREATE TYPE pair AS (a trap);"
                    + " CREATE TYPE span AS RANGE (subtype = trap);"
                    + " CREATE VIEW page.news AS SELECT app.evil(1) AS shown");
        }
    }

    /** Starts a connector and changes a row, as if the condition was in use. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    14 | array_in('{1}', 'app.trap'::regtype, -1) IS NULL
                    14 | domain_in('1', 'app.trap'::regtype, -1) IS NULL
                    14 | record_in('(1)', 'app.pair'::regtype, -1) IS NULL
                    14 | range_in('[1,1]', 'app.span'::regtype, -1) IS NULL
                    16 | pg_input_is_valid(NEW.id::text, 'app.trap')
                    16 | pg_input_error_info(NEW.id::text, 'app.trap') IS NULL
                    14 | table_to_xml('page.news', true, false, '') IS DOCUMENT
                    14 | pg_catalog.table_to_xml_and_xmlschema('page.news', true, false, '') IS DOCUMENT
                    14 | schema_to_xml('page', true, false, '') IS DOCUMENT
                    14 | schema_to_xml_and_xmlschema('page', true, false, '') IS DOCUMENT
                    14 | database_to_xml(true, false, '') IS DOCUMENT
                    14 | query_to_xml('SELECT app.evil(1)', true, false, '') IS DOCUMENT
                    14 | ('app.ran'::regclass).nextval > 0
                    14 | ((ARRAY['app.ran'::regclass])[1])."nextval" > 0
                    14 | app.${long}(NEW.id)
                    """)
    void aConditionRunsNoCodeOfAnotherRoleThatItDoesNotSeemToCall(int since, String condition) throws Exception {
        assumeThat(TestDatabase.serverVersion()).isGreaterThanOrEqualTo(since);
        DATABASE.execute("ALTER SEQUENCE app.ran RESTART");
        String refusal = "";
        try (Watching watching = Watching.start(
                DATABASE,
                "on.table.error=fail",
                "watchers=w",
                "watchers.w.table=users",
                "watchers.w.events=inserted",
                "watchers.w.when=NEW.id > 0 AND " + condition.replace("${long}", LONG_NAME))) {
            DATABASE.execute("INSERT INTO users VALUES (1)", "DELETE FROM users");
            watching.poll();
        } catch (ConnectException e) {
            refusal = e.getMessage();
        }
        assertThat(DATABASE.column("SELECT last_value FROM app.ran WHERE is_called"))
                .isEmpty();
        assertThat(refusal)
                .contains("watchers.w.when")
                .containsPattern("is not allowed in a condition|is VOLATILE|is owned by role app");
    }

    /** When the condition is checked, the server would call the function. The trigger's function looks for a column. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    NEW.to_jsonb IS NOT NULL            | to_jsonb
                    OLD.row_to_json::text <> ''         | row_to_json
                    NEW.num_nulls > 0 AND NEW.id > 0    | num_nulls
                    NEW."hash_record" > 0               | hash_record
                    """)
    void aFunctionOfTheWholeRowIsNotWrittenAsAColumn(String condition, String function) {
        assertThat(errors(condition))
                .contains("has no column \"" + function + "\"")
                .contains(function + "(NEW)");
    }

    /** They read tables, or other sessions, wait for locks, or look up objects for which there are other ways. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "pg_stat_get_backend_activity(1) IS NULL",
                "pg_get_viewdef('page.news'::regclass) IS NULL",
                "satisfies_hash_partition('users'::regclass, 4, 1, NEW.id)",
                "has_table_privilege('page.news', 'SELECT')",
                "to_regclass('page.news') IS NULL",
                "schema_to_xmlschema('page', true, false, '') IS DOCUMENT",
                "pg_relation_is_publishable('users')",
                "obj_description('users'::regclass, 'pg_class') IS NULL",
                "regclass('users') IS NULL"
            })
    void aFunctionThatTakesTheNameOfAnObjectOrReadsTheServersStateIsRefused(String condition) {
        assertThat(errors(condition)).contains("is not allowed in a condition").contains("only compute a value");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NEW.score > 100 AND NEW.score BETWEEN 1 AND 1e6 AND abs(NEW.score - OLD.score) >= 0.5",
                "NEW.email LIKE '%@example.com' AND NEW.email NOT ILIKE 'test%' AND NEW.email SIMILAR TO 'a|b'",
                "NEW.email ~ E'^\\\\w+@' AND regexp_replace(NEW.email, '@.*', '') <> '' AND NEW.email !~* 'x'",
                "lower(NEW.email) = upper(coalesce(OLD.email, '')) OR nullif(trim(NEW.email), '') IS NULL",
                "length(NEW.email) > 3 AND substring(NEW.email FROM 1 FOR 2) = 'ab' AND position('@' IN NEW.email) > 1",
                "split_part(NEW.email, '@', 2) = 'x' AND left(NEW.email, 1) = 'a' AND starts_with(NEW.email, 'a')",
                "NEW.email || '' = concat(NEW.email, NEW.visits, NEW.active) AND format('%s', NEW.email) <> ''",
                "replace(NEW.email, 'a', 'b') = 'x' AND md5(NEW.email) <> encode(sha256(NEW.payload), 'hex')",
                "NEW.visits IN (1, 2, 3) AND NEW.visits::int8 % 2 = 0 AND int8(NEW.visits) > 0 AND round(NEW.score, 2) > 1",
                "greatest(NEW.visits, OLD.visits, 0) > least(1, 2) AND NEW.score::numeric(10, 2) = 1.5",
                "NEW.seen > now() - interval '1 day' AND date_trunc('day', NEW.seen) = CURRENT_DATE",
                "extract(isodow FROM NEW.seen) < 6 AND age(NEW.seen) < '1 year' AND NEW.seen AT TIME ZONE 'UTC' > 'now'",
                "to_char(NEW.seen, 'HH24')::int BETWEEN 8 AND 18 AND date_part('year', NEW.born) > 2000",
                "make_date(2026, 1, 31) > NEW.born AND (NEW.born, NEW.born) OVERLAPS (NEW.born, interval '1 day')",
                "to_timestamp(0) < NEW.seen AND to_date('2026', 'YYYY') < NEW.born AND date(NEW.seen) = NEW.born",
                "NEW.doc ->> 'state' = 'paid' AND NEW.doc #>> '{a,b}' IS NOT NULL AND NEW.raw -> 'a' ->> 0 = 'x'",
                "NEW.doc ? 'x' AND NEW.doc ?| ARRAY['a', 'b'] AND NEW.doc @> '{\"a\": 1}' AND NEW.doc @? '$.a'",
                "jsonb_typeof(NEW.doc) = 'object' AND jsonb_array_length(NEW.doc) > 0 AND NEW.doc - 'at' <> OLD.doc",
                "jsonb_path_exists(NEW.doc, '$.a ? (@ > 1)') AND jsonb_extract_path_text(NEW.doc, 'a') = 'b'",
                "to_jsonb(NEW) - 'seen' IS DISTINCT FROM to_jsonb(OLD) - 'seen' AND row_to_json(NEW)::text <> ''",
                "jsonb_build_object('a', NEW.id) <> NEW.doc AND json_build_array(NEW.id)::text <> ''",
                "NEW.tags @> ARRAY['vip'] AND 'x' = ANY (NEW.tags) AND NEW.tags && '{a,b}' AND NEW.numbers[1] > 0",
                "cardinality(NEW.tags) > array_length(OLD.tags, 1) AND array_position(NEW.tags, 'a') IS NULL",
                "array_to_string(NEW.tags, ',') <> '' AND string_to_array(NEW.email, '@') <> NEW.tags",
                "NEW.token <> '00000000-0000-0000-0000-000000000000' AND NEW.token::text LIKE 'a%'",
                "NEW.address << '10.0.0.0/8' AND host(NEW.address) <> '' AND family(NEW.address) = 4",
                "NEW.span @> now() AND upper(NEW.span) > now() AND NOT isempty(NEW.span) AND tstzrange(now(), NULL) && NEW.span",
                "NEW.words @@ to_tsquery('simple', 'a') AND to_tsvector('english', NEW.email) @@ plainto_tsquery('b')",
                "octet_length(NEW.payload) > 0 AND convert_from(NEW.payload, 'UTF8') = 'x' AND get_byte(NEW.payload, 0) > 0",
                "current_setting('app.tenant', true) = '7' AND session_user <> 'etl' AND current_user IS NOT NULL",
                "(NEW IS DISTINCT FROM OLD) AND (NEW.id, NEW.email) IS DISTINCT FROM (OLD.id, OLD.email)",
                "num_nulls(NEW.email, NEW.score) = 0 AND pg_typeof(NEW.id)::text = 'integer' AND pg_trigger_depth() < 2",
                "pg_column_size(NEW.doc) > 1000 AND pg_current_xact_id()::text <> '' AND pg_size_bytes('1 kB') > 1",
                "hashtext(NEW.email) % 10 = 0 AND width_bucket(NEW.score, 0, 10, 5) = 1 AND sign(NEW.score) = 1",
                "CASE WHEN NEW.active THEN NEW.score > 1 ELSE false END AND NEW.active IS NOT TRUE",
                "txid_current() > 0 AND xpath_exists('/a', NEW.email::xml) AND quote_literal(NEW.email) <> ''"
            })
    void conditionsThatComputeAValueFromValuesAreAccepted(String condition) {
        assertThat(errors(condition)).isEmpty();
    }

    /**
     * Of each new version of PostgreSQL, read the functions that are not in the file before you add them with
     * {@code -Dfunctions.write=true}: can one of them run code, or read a table, that only a text or a number names?
     */
    @Test
    void everyFunctionThatAConditionMayCallHasBeenReviewed() throws Exception {
        List<String> allowed = DATABASE.column("SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace ="
                + " 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset GROUP BY 1 HAVING NOT bool_or("
                + "p.provolatile = 'v' OR " + BuiltInFunctions.refused("p") + ")");
        TreeSet<String> reviewed = new TreeSet<>();
        if (Files.exists(REVIEWED)) {
            reviewed.addAll(Arrays.asList(Files.readString(REVIEWED).strip().split("\\s+")));
        }
        if (Boolean.getBoolean("functions.write")) {
            reviewed.addAll(allowed);
            Files.createDirectories(REVIEWED.getParent());
            Files.writeString(REVIEWED, String.join("\n", reviewed) + "\n");
        }
        assertThat(reviewed).containsAll(allowed);
        assertThat(allowed).hasSizeGreaterThan(1_000);
    }

    private static String errors(String condition) {
        return Validation.errors(
                        DATABASE,
                        "watchers=w",
                        "watchers.w.table=users",
                        "watchers.w.events=updated",
                        "watchers.w.when=NEW.id > 0 AND (" + condition + ")")
                .getOrDefault("watchers.w.when", "");
    }
}
