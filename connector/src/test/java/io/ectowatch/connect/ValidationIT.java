package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code PUT /connector-plugins/.../config/validate} answers: each error on its own key, and nothing touched. */
class ValidationIT {

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aDatabase() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text)",
                "CREATE TABLE \"Users\" (id int PRIMARY KEY)",
                "CREATE TABLE keyless (id int)",
                "CREATE VIEW people AS SELECT * FROM users",
                "CREATE MATERIALIZED VIEW counts AS SELECT count(*) FROM users",
                "CREATE SCHEMA billing",
                "CREATE TABLE billing.users (id int PRIMARY KEY)",
                "CREATE TABLE billing.\"in voices\" (id int PRIMARY KEY)",
                "CREATE TABLE billing.in_voices (id int PRIMARY KEY)");
    }

    @AfterEach
    void nothingWasTouched() throws Exception {
        assertThat(database.number("SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)"
                        + " + (SELECT count(*) FROM pg_namespace WHERE nspname = 'ectowatch')"))
                .isZero();
    }

    @Test
    void aGoodConfigurationHasNoErrors() {
        assertThat(errors("tables=users, billing.us*, \"Users\"", "topic.format=${prefix}.${schema}.${table}.${event}"))
                .isEmpty();
    }

    @Test
    void anUnknownTableIsReportedWithSimilarNames() {
        assertThat(errors("tables=user")).containsOnlyKeys("tables").hasEntrySatisfying("tables", message -> assertThat(
                        message)
                .contains("Table public.user does not exist")
                .contains("public.users"));
        assertThat(errors("tables=ghosts.of.x")).containsOnlyKeys("tables");
        assertThat(errors("tables=billing.nothing")).containsOnlyKeys("tables");
        assertThat(errors("tables=ectowatch.status").get("tables"))
                .contains("or a connector has created it for itself");
    }

    @Test
    void theErrorForATableThatNeedsQuotesShowsHowToWriteIt() throws Exception {
        database.execute("CREATE TABLE \"Orders\" (id int PRIMARY KEY)");
        assertThat(errors("tables=Orders").get("tables")).contains("\"public\".\"Orders\"");
        assertThat(errors("tables=\"Orders\"")).isEmpty();
    }

    @Test
    void whatCannotHaveTriggersOrHasNoKeyIsRefused() throws Exception {
        database.execute(
                "CREATE FOREIGN DATA WRAPPER nowhere",
                "CREATE SERVER far FOREIGN DATA WRAPPER nowhere",
                "CREATE FOREIGN TABLE remote (id int) SERVER far");
        assertThat(errors("tables=keyless").get("tables"))
                .contains("no primary key")
                .contains("ADD PRIMARY KEY");
        assertThat(errors("tables=people").get("tables")).contains("is a view");
        assertThat(errors("tables=counts").get("tables")).contains("is a materialized view");
        assertThat(errors("tables=remote").get("tables")).contains("is a foreign table");
    }

    @Test
    void aGlobThatMatchesNothingIsAnErrorAndSoIsAnEmptyList() {
        assertThat(errors("tables=audit.*")).containsOnlyKeys("tables");
        assertThat(errors("tables=")).containsOnlyKeys("tables");
        assertThat(errors("tables=keyl*").get("tables"))
                .contains("matches no table")
                .contains("no primary key");
    }

    @Test
    void anUnknownEventIsReportedOnItsKey() {
        assertThat(errors("tables=users", "events=inserted,destroyed"))
                .containsOnlyKeys("events")
                .hasEntrySatisfying("events", message -> assertThat(message).contains("destroyed"));
        assertThat(errors("tables=users", "events=")).containsOnlyKeys("events");
    }

    @Test
    void twoTablesOnOneTopicAreRefusedWithAWayOut() {
        assertThat(errors("tables=users, billing.users"))
                .containsOnlyKeys("topic.format")
                .hasEntrySatisfying("topic.format", message -> assertThat(message)
                        .contains("ectowatch.users.inserted")
                        .contains("${schema}"));
        assertThat(errors("tables=billing.\"in voices\", billing.in_voices"))
                .containsOnlyKeys("topic.format")
                .hasEntrySatisfying("topic.format", message -> assertThat(message)
                        .containsOnlyOnce("would share")
                        .contains("label")
                        .doesNotContain("${schema}"));
        assertThat(errors("tables=users, billing.users", "topic.format=${prefix}.${schema}.${table}.${event}"))
                .isEmpty();
    }

    @Test
    void twoWatchersOfOneTableNeedDifferentEventsOrALabel() {
        String[] both = {"watchers=a,b", "watchers.a.table=users", "watchers.b.table=users"};
        assertThat(errors(both).values()).singleElement().asString().contains("label");
        assertThat(errors(with(both, "watchers.b.label=again"))).isEmpty();
        assertThat(errors(with(both, "watchers.a.events=inserted", "watchers.b.events=deleted")))
                .isEmpty();
    }

    @Test
    void illegalCharactersInPrefixOrFormatAreReportedOnTheirKeys() {
        assertThat(errors("tables=users", "topic.prefix=a b")).containsOnlyKeys("topic.prefix");
        assertThat(errors("tables=users", "topic.format=${prefix}/${table}")).containsOnlyKeys("topic.format");
        assertThat(errors("tables=users", "topic.format=${prefix}.${tabel}")).containsOnlyKeys("topic.format");
    }

    @Test
    void anUnknownExtraColumnIsReportedOnTheWatchersKey() {
        assertThat(errors("watchers=w", "watchers.w.table=users", "watchers.w.extra.columns=emial"))
                .containsOnlyKeys("watchers.w.extra.columns")
                .hasEntrySatisfying(
                        "watchers.w.extra.columns",
                        message -> assertThat(message).contains("emial").contains("email"));
    }

    @Test
    void anExtraColumnNamedTwiceOrTooManyOfThemAreReportedOnTheWatchersKey() throws Exception {
        assertThat(errors("watchers=w", "watchers.w.table=users", "watchers.w.extra.columns=email,email"))
                .containsOnlyKeys("watchers.w.extra.columns");

        String hundred = IntStream.range(0, 100).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
        database.execute("CREATE TABLE wide (id int PRIMARY KEY, " + hundred.replace(",", " int,") + " int)");
        assertThat(errors("watchers=w", "watchers.w.table=wide", "watchers.w.extra.columns=" + hundred))
                .containsOnlyKeys("watchers.w.extra.columns")
                .hasEntrySatisfying("watchers.w.extra.columns", message -> assertThat(message)
                        .contains("101 columns"));
        assertThat(errors(
                        "watchers=w",
                        "watchers.w.table=wide",
                        "watchers.w.extra.columns=" + hundred.substring("c0, ".length())))
                .isEmpty();
    }

    @Test
    void aTableThatTwoPatternsMatchIsWatchedOnce() {
        assertThat(errors("tables=users, user*")).isEmpty();
    }

    @Test
    void globsPassOverTheConnectorsOwnSchema() throws Exception {
        database.execute("CREATE SCHEMA own", "CREATE TABLE own.journal (id int PRIMARY KEY)");
        assertThat(errors("tables=own.*")).isEmpty();
        assertThat(errors("tables=own.*", "database.schema=own").get("tables")).contains("matches no table");
    }

    @Test
    void globsPassOverWhatIsNoTableWithoutAWord() {
        assertThat(errors("tables=peo*").get("tables"))
                .contains("matches no table")
                .doesNotContain("people is a view");
    }

    @Test
    void aPartitionBesideItsRootIsRefusedAndAGlobTakesTheRootAlone() throws Exception {
        database.execute(
                "CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)");
        assertThat(errors("tables=logs, logs_1").get("tables"))
                .contains("public.logs_1 is a partition")
                .contains("Remove one of the two");
        assertThat(errors("tables=logs*")).isEmpty();
    }

    /** As long as a partition has no index for it, PostgreSQL does not enforce it there. */
    @Test
    void aPrimaryKeyThatIsNotValidInAllPartitionsIsRefusedWithTheRemedy() throws Exception {
        database.execute(
                "CREATE TABLE logs (id int NOT NULL) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM (10) TO (20)",
                "ALTER TABLE ONLY logs ADD PRIMARY KEY (id)",
                "ALTER TABLE logs_1 ADD PRIMARY KEY (id)",
                "ALTER INDEX logs_pkey ATTACH PARTITION logs_1_pkey");
        assertThat(errors("tables=users, logs").get("tables"))
                .contains("public.logs has a primary key that is not valid")
                .contains("attached to it: public.logs_2. Add a primary key")
                .contains("ALTER INDEX \"public\".\"logs_pkey\" ATTACH PARTITION");

        database.execute(
                "ALTER TABLE logs_2 ADD PRIMARY KEY (id)", "ALTER INDEX logs_pkey ATTACH PARTITION logs_2_pkey");
        assertThat(errors("tables=users, logs")).isEmpty();
    }

    @Test
    void aPrimaryKeyThatOnlyForeignPartitionsLackIsAccepted() throws Exception {
        database.execute(
                "CREATE EXTENSION IF NOT EXISTS postgres_fdw",
                "CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw",
                "CREATE TABLE logs (id int NOT NULL) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (20) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1_1 PARTITION OF logs_1 FOR VALUES FROM (0) TO (10)",
                "CREATE FOREIGN TABLE logs_1_2 PARTITION OF logs_1 FOR VALUES FROM (10) TO (20) SERVER elsewhere",
                "ALTER TABLE ONLY logs ADD PRIMARY KEY (id)",
                "ALTER TABLE ONLY logs_1 ADD PRIMARY KEY (id)",
                "ALTER INDEX logs_pkey ATTACH PARTITION logs_1_pkey");
        assertThat(errors("tables=users, logs").get("tables")).contains("attached to it: public.logs_1. Add");

        database.execute(
                "ALTER TABLE logs_1_1 ADD PRIMARY KEY (id)", "ALTER INDEX logs_1_pkey ATTACH PARTITION logs_1_1_pkey");
        assertThat(errors("tables=users, logs")).isEmpty();
    }

    @Test
    void aVirtualColumnIsReportedOnTheWatchersKey() throws Exception {
        assumeThat(TestDatabase.serverVersion()).isGreaterThanOrEqualTo(18);
        database.execute("ALTER TABLE users ADD twice int GENERATED ALWAYS AS (id * 2) VIRTUAL");
        assertThat(errors("watchers=w", "watchers.w.table=users", "watchers.w.extra.columns=twice")
                        .get("watchers.w.extra.columns"))
                .contains("virtual generated column")
                .contains("STORED");
    }

    @Test
    void tablesMayShareATopicByTheirLabelOrWhereItsFormatHasNoEvent() {
        assertThat(errors(
                        "watchers=a,b",
                        "watchers.a.table=users",
                        "watchers.a.label=people",
                        "watchers.b.table=billing.users",
                        "watchers.b.label=people"))
                .isEmpty();
        assertThat(errors(
                        "topic.format=${prefix}.${table}",
                        "watchers=a,b",
                        "watchers.a.table=users",
                        "watchers.a.events=inserted",
                        "watchers.b.table=users",
                        "watchers.b.events=deleted"))
                .isEmpty();
    }

    @Test
    void withTombstonesTheTopicsOfResyncAreCheckedToo() {
        String[] tombstones = {"tombstones=true", "topic.format=${prefix}.${table}"};
        assertThat(errors(and(tombstones, "tables=users"))).isEmpty();

        String topic = "t".repeat(245);
        assertThat(errors(and(tombstones, "watchers=w", "watchers.w.table=users", "watchers.w.topic=" + topic)))
                .containsOnlyKeys("watchers.w.topic")
                .hasEntrySatisfying("watchers.w.topic", message -> assertThat(message)
                        .contains(topic + ".resync would have 252 characters"));
        String label = "l".repeat(235);
        assertThat(errors(and(tombstones, "watchers=w", "watchers.w.table=users", "watchers.w.label=" + label)))
                .containsOnlyKeys("watchers.w.label");
    }

    private static String[] and(String[] some, String... more) {
        return Stream.concat(Arrays.stream(some), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void aTopicTooLongForKafkaIsReportedOnTheFormat() {
        assertThat(errors("tables=users", "topic.format=${prefix}.${table}.${event}." + "x".repeat(240)))
                .containsOnlyKeys("topic.format")
                .hasEntrySatisfying(
                        "topic.format", message -> assertThat(message).contains("249"));
    }

    private static String[] with(String[] settings, String... more) {
        List<String> all = new ArrayList<>(List.of(settings));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private Map<String, String> errors(String... settings) {
        return Validation.errors(database, settings);
    }
}
