package io.ectowatch.connect.config;

import static io.ectowatch.connect.config.SampleSettings.configWith;
import static io.ectowatch.connect.config.SampleSettings.problemsWith;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordFragmentTest {

    private static final String[] TOMBSTONES = {"tombstones", "true", "topic.format", "${prefix}.${table}"};

    @Test
    void hasADefaultForEverything() {
        RecordFragment records = configWith().records();

        assertThat(records.headers()).isEqualTo(HeaderMode.NONE);
        assertThat(records.tombstones()).isFalse();
        assertThat(records.lsnInHeader()).isFalse();
        assertThat(records.lsnInValue()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    none         | false | false
                    header       | true  | false
                    field        | false | true
                    field,header | true  | true
                    """)
    void anLsnIsInTheHeaderOrInTheValueOrInBoth(String lsn, boolean inHeader, boolean inValue) {
        RecordFragment records = configWith("lsn", lsn).records();

        assertThat(records.lsnInHeader()).isEqualTo(inHeader);
        assertThat(records.lsnInValue()).isEqualTo(inValue);
    }

    /** A notification has none, and a query for each would cost what notify saves. */
    @Test
    void onlyDurableDeliveryHasAnLsn() {
        assertThat(problemsWith("lsn", "header", "delivery.mode", "notify"))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.setting()).isEqualTo("lsn");
                    assertThat(problem.message()).contains("It needs delivery.mode=durable.");
                });
        assertThat(problemsWith("lsn", "none", "delivery.mode", "notify")).isEmpty();
    }

    @Test
    void handsOutWhatWasSet() {
        RecordFragment records = configWith(with("headers", "CloudEvents").toArray(String[]::new))
                .records();

        assertThat(records.headers()).isEqualTo(HeaderMode.CLOUDEVENTS);
        assertThat(records.tombstones()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    headers    | cloudevent | It must be one of none, basic, cloudevents. Did you mean cloudevents?
                    headers    | x          | It must be one of none, basic
                    tombstones | x          | It must be true or false.
                    field.names | avr       | It must be one of exact, avro. Did you mean avro?
                    lsn        | x          | It must be none, header, field, or header,field.
                    lsn        | none,field | It must be none, header, field, or header,field.
                    lsn        | field,field | It must be none, header, field, or header,field.
                    """)
    void saysWhatIsWrongWithASetting(String setting, String value, String message) {
        assertThat(problemsWith(setting, value)).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo(setting);
            assertThat(problem.message()).contains(message);
        });
    }

    @Test
    void tombstonesNeedATopicThatATablesEventsShare() {
        assertThat(obstacles("topic.format", "${prefix}.${table}.${event}"))
                .containsExactly("With this topic.format deletions go to a separate topic, where a tombstone has"
                        + " nothing to remove. Remove ${event} from topic.format, as in ${prefix}.${table}.");
        assertThat(obstacles()).isEmpty();
    }

    @Test
    void aWatcherWithATopicOfItsOwnDoesNotCareForTheFormat() {
        String[] format = {"topic.format", "${prefix}.${table}.${event}", "events", "updated"};

        assertThat(obstacles(and(format, watcher("users", "events", "inserted,deleted", "label", "contact"))))
                .isEmpty();
        assertThat(obstacles(and(format, watcher("users", "events", "deleted", "topic", "contact"))))
                .isEmpty();
        assertThat(obstacles(and(format, watcher("users", "events", "deleted"))))
                .hasSize(1);
    }

    @Test
    void tombstonesNeedDeletions() {
        assertThat(obstacles("events", "inserted,updated"))
                .containsExactly("Tombstones follow deletions, but no watcher publishes deletions. Add deleted to"
                        + " events, or remove this setting.");
        assertThat(obstacles(and(new String[] {"events", "inserted"}, watcher("packages", "events", "deleted"))))
                .isEmpty();
    }

    @Test
    void aTombstoneMustNotRemoveWhatIsKnownOfOtherRowsWithTheSameKeyColumns() {
        assertThat(obstacles(watcher("comments", "key.columns", "post_id")))
                .singleElement(as(STRING))
                .contains("watchers.w.key.columns", "which other rows may share");
        assertThat(obstacles(watcher("comments", "key.columns", "post_id", "events", "inserted,updated")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"label", "topic"})
    void aTombstoneMustNotRemoveWhatIsKnownOfOtherTablesInTheSameTopic(String choice) {
        assertThat(obstacles(watcher("billing.*", choice, "billing")))
                .singleElement(as(STRING))
                .contains("billing is shared by the tables that watchers.w watches");

        String[] two = and(watcher("users", choice, "people"), "watchers", "w,v");
        assertThat(obstacles(and(two, "watchers.v.table", "staff", "watchers.v." + choice, "people")))
                .singleElement(as(STRING))
                .contains("people is shared by watchers.w and watchers.v");
        assertThat(obstacles(and(two, "watchers.v.table", "users", "watchers.v." + choice, "people")))
                .isEmpty();
    }

    @Test
    void tablesThatDifferOnlyInTheSchemaThatTheKeyHasCanShareATopicWithTombstones() {
        String[] withKey = and(watcher("tenant_*.users", "label", "users"), "key.schema", "true");

        assertThat(obstacles(withKey)).isEmpty();
        assertThat(obstacles(watcher("tenant_*.users", "label", "users"))).hasSize(1);
        assertThat(obstacles(and(watcher("tenant_*.*", "label", "users"), "key.schema", "true")))
                .singleElement(as(STRING))
                .contains("users is shared by the tables that watchers.w watches");
        String[] two = and(and(watcher("a.users", "label", "people"), "watchers", "w,v"), "key.schema", "true");
        assertThat(obstacles(and(two, "watchers.v.table", "b.users", "watchers.v.label", "people")))
                .isEmpty();
        assertThat(obstacles(and(two, "watchers.v.table", "b.staff", "watchers.v.label", "people")))
                .hasSize(1);
    }

    /** Errors in the watchers could make these problems wrong. */
    @Test
    void problemsOfTombstonesAreReportedOnlyWhenAllElseIsValid() {
        assertThat(problemsWith("tombstones", "true", "events", "none"))
                .extracting(ConfigProblem::setting)
                .containsExactly("events");
    }

    @Test
    void theLookAtTheWatchersLoadsNoConfigProvider() {
        assertThat(obstacles("config.providers", "x", "config.providers.x.class", "no.such.Provider"))
                .isEmpty();
    }

    private static List<String> obstacles(String... settings) {
        List<ConfigProblem> problems = problemsWith(with(settings).toArray(String[]::new));
        assertThat(problems).allSatisfy(problem -> assertThat(problem.setting()).isEqualTo("tombstones"));
        return problems.stream().map(ConfigProblem::message).toList();
    }

    private static Stream<String> with(String... settings) {
        return Arrays.stream(and(TOMBSTONES, settings));
    }

    private static String[] watcher(String table, String... settings) {
        String[] watcher = {"watchers", "w", "watchers.w.table", table};
        String[] prefixed = settings.clone();
        for (int i = 0; i < settings.length; i += 2) {
            prefixed[i] = "watchers.w." + settings[i];
        }
        return and(watcher, prefixed);
    }

    private static String[] and(String[] some, String... more) {
        return Stream.concat(Arrays.stream(some), Arrays.stream(more)).toArray(String[]::new);
    }
}
