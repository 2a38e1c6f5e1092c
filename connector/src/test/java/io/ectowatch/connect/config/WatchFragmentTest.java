package io.ectowatch.connect.config;

import static io.ectowatch.connect.config.SampleSettings.configWith;
import static io.ectowatch.connect.config.SampleSettings.problemsWith;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.ectowatch.connect.config.names.TablePattern;
import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatchFragmentTest {

    @Test
    void theShortFormMakesAWatcherOfEachEntry() {
        List<Watcher> watchers =
                configWith("tables", "users, Audit.*, \"Odd, one\"").watchers();

        Set<Event> events = Set.of(Event.INSERTED, Event.UPDATED, Event.DELETED);
        assertThat(watchers)
                .containsExactly(
                        new Watcher("tables", TablePattern.parse("users"), events, List.of(), null),
                        new Watcher("tables", TablePattern.parse("audit.*"), events, List.of(), null),
                        new Watcher("tables", TablePattern.parse("\"Odd, one\""), events, List.of(), null));
        assertThat(watchers).allMatch(Watcher::shortForm);
    }

    @Test
    void theLongFormSaysEverythingForItself() {
        List<Watcher> watchers = configWith(
                        "tables", null,
                        "watchers", "contact",
                        "watchers.contact.table", "Billing.Customers",
                        "watchers.contact.events", "UPDATED, truncated",
                        "watchers.contact.extra.columns", "First_Name, \"Last, Name\"",
                        "watchers.contact.label", "contact-info.changed")
                .watchers();

        assertThat(watchers)
                .containsExactly(new Watcher(
                        "watchers.contact",
                        TablePattern.parse("billing.customers"),
                        Set.of(Event.UPDATED, Event.TRUNCATED),
                        List.of("first_name", "Last, Name"),
                        "contact-info.changed"));
        assertThat(watchers).noneMatch(Watcher::shortForm);
    }

    @Test
    void theLongFormNeedsOnlyATable() {
        assertThat(configWith("tables", "", "events", "deleted", "watchers", "w", "watchers.w.table", "*.t")
                        .watchers())
                .containsExactly(
                        new Watcher("watchers.w", TablePattern.parse("*.t"), Set.of(Event.DELETED), List.of(), null));
    }

    @Test
    void watchersComeInTheOrderWritten() {
        assertThat(configWith(
                                "tables", "z, a",
                                "watchers", "second_2, First-1",
                                "watchers.First-1.table", "f",
                                "watchers.second_2.table", "s")
                        .watchers())
                .extracting(Watcher::name, watcher -> watcher.pattern().toString())
                .containsExactly(
                        tuple("tables", "public.z"),
                        tuple("tables", "public.a"),
                        tuple("watchers.second_2", "public.s"),
                        tuple("watchers.First-1", "public.f"));
    }

    @Test
    void eventsKeepOneOrderHoweverWritten() {
        assertThat(configWith("events", "truncated,deleted,inserted")
                        .watchers()
                        .get(0)
                        .events())
                .containsExactly(Event.INSERTED, Event.DELETED, Event.TRUNCATED);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    tables      | users,a.b.c           | a.b.c has 3 parts
                    tables      | '"users'              | not closed
                    tables      | users,,orders         | extra comma
                    tables      | 'users, public.Users' | It lists public.users twice.
                    tables      | 'a.*, "a".*'          | It lists a.* twice.
                    tables      | ''                    | No table is watched. List the tables
                    tables      | ' '                   | No table is watched
                    events      | ''                    | It lists no event. Write at least one of inserted, updated
                    events      | insert                | insert is not an event. Did you mean inserted? Events: inserted, updated, deleted, truncated.
                    events      | everything            | everything is not an event. Events:
                    events      | resync                | resync is not an event. Events:
                    events      | updated,UPDATED       | It lists updated twice.
                    events      | updated,,deleted      | extra comma
                    watchers    | a b                   | a b is not a valid name for a watcher. Use only letters
                    watchers    | a.b                   | a.b is not a valid name
                    watchers    | ä                     | ä is not a valid name
                    watchers    | ','                   | extra comma
                    """)
    void saysWhatIsWrongWithASetting(String setting, String value, String message) {
        assertThat(problemsWith(setting, value)).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo(setting);
            assertThat(problem.message()).contains(message);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    table           | ''            | It names no table
                    table           | a,b           | It names 2 tables, but only one is allowed
                    table           | x.y.z         | x.y.z has 3 parts
                    events          | ''            | It lists no event
                    events          | deletd        | Did you mean deleted?
                    events          | deleted,deleted | It lists deleted twice.
                    extra.columns   | 'a, A'        | It lists a twice.
                    extra.columns   | a,,b          | extra comma
                    extra.columns   | *             | * is not a column. List each column
                    extra.columns   | users.email   | users.email is not a column. Write only its name
                    extra.columns   | first name    | first name contains a blank
                    extra.columns   | '"a'          | not closed
                    label           | ''            | It must not be empty.
                    label           | a/b           | The character "/" is not allowed in a topic name
                    label           | ${x}          | The character "$" is not allowed
                    tabel           | users         | A watcher has no setting tabel. Did you mean table? Settings: collapse, columns, events, extra.columns, include.changed.columns, key.columns, label, old.values, replicated, row.triggers, skip.unchanged.updates, table, topic, when.
                    extra_columns   | email         | A watcher has no setting extra_columns. Did you mean extra.columns?
                    colums          | email         | A watcher has no setting colums. Did you mean columns?
                    ''              | users         | A watcher has no setting
                    """)
    void saysWhatIsWrongWithASettingOfAWatcher(String setting, String value, String message) {
        List<ConfigProblem> problems = problemsWith(
                "watchers", "contact", "watchers.contact.table", "t", "watchers.contact." + setting, value);

        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo("watchers.contact." + setting);
            assertThat(problem.message()).contains(message);
        });
    }

    @Test
    void aWatcherWithoutATableIsAProblemOfThatKey() {
        assertThat(problemsWith("watchers", "contact"))
                .containsExactly(new ConfigProblem(
                        "watchers.contact.table",
                        "It is required (a table or a pattern, such as users or billing.*)."));
    }

    @Test
    void aWatcherNamedTwiceIsOneProblem() {
        assertThat(problemsWith("watchers", "a,a", "watchers.a.table", "t"))
                .containsExactly(new ConfigProblem("watchers", "It lists a twice."));
    }

    @Test
    void settingsOfAnUndeclaredWatcherAreAProblemEach() {
        assertThat(problemsWith(
                        "watchers", "contact",
                        "watchers.contact.table", "t",
                        "watchers.kontact.label", "x",
                        "watchers.other.table", "t"))
                .containsExactly(
                        new ConfigProblem(
                                "watchers.kontact.label",
                                "The watcher kontact is not declared. Did you mean contact? List its name in"
                                        + " watchers."),
                        new ConfigProblem(
                                "watchers.other.table",
                                "The watcher other is not declared. List its name in watchers."));
    }

    @ParameterizedTest
    @CsvSource({"watchers.", "watchers.contact", "watchers..table"})
    void aKeyThatIsNoSettingOfAnyWatcherIsExplained(String key) {
        assertThat(problemsWith("watchers", "contact", "watchers.contact.table", "t", key, "x"))
                .containsExactly(new ConfigProblem(
                        key,
                        "A watcher's setting has the form watchers.<name>.<setting>. Settings: collapse, columns, events,"
                                + " extra.columns, include.changed.columns, key.columns, label, old.values, replicated, row.triggers,"
                                + " skip.unchanged.updates, table, topic, when."));
    }

    @Test
    void aBadNameOfAWatcherIsReportedOnceAndNotForEachOfItsSettings() {
        assertThat(problemsWith("watchers", "a b", "watchers.a b.table", "t", "watchers.a b.label", "l"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.setting()).isEqualTo("watchers"));
    }

    @Test
    void aLabelTooLongForATopicIsAProblem() {
        String label = "l".repeat(240);

        assertThat(problemsWith("watchers", "w", "watchers.w.table", "t", "watchers.w.label", label))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.setting()).isEqualTo("watchers.w.label");
                    assertThat(problem.message()).contains("250 characters. Kafka allows 249");
                });
        assertThat(problemsWith(
                        "topic.prefix", "short", "watchers", "w", "watchers.w.table", "t", "watchers.w.label", label))
                .isEmpty();
    }

    @Test
    void watchersMayShareTablesAndLabels() {
        assertThat(problemsWith(
                        "watchers", "a,b",
                        "watchers.a.table", "users",
                        "watchers.a.label", "people",
                        "watchers.b.table", "users",
                        "watchers.b.label", "people"))
                .isEmpty();
    }
}
