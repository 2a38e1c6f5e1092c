package io.ectowatch.connect.config;

import static io.ectowatch.connect.config.SampleSettings.problemsWith;
import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatcherValidatorTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    inserted         | columns                  | email           | It applies to updates, but this watcher does not publish updates. Add updated
                    deleted,inserted | include.changed.columns  | true            | It applies to updates
                    deleted          | skip.unchanged.updates   | TRUE            | It applies to updates
                    inserted         | old.values               | true            | It applies to updates
                    inserted         | collapse                 | always          | It applies to updates
                    updated          | when                     | 1 = 1           | neither NEW nor OLD
                    updated,deleted  | when                     | NEW.a > 1       | A deleted row is OLD
                    inserted,updated | when                     | OLD.a > 1       | An inserted row is NEW
                    truncated,updated | when                    | NEW.a > 1       | A truncation has no row
                    updated          | when                     | NEW.a > (1      | A "(" is not closed.
                    updated          | columns                  | ``              | It lists no column
                    updated          | columns                  | a,A             | It lists a twice.
                    updated          | key.columns              | a b             | contains a blank
                    updated          | key.columns              | ``              | It lists no column
                    updated          | include.changed.columns  | maybe           | It must be true or false.
                    updated          | topic                    | a/b             | The character "/" is not allowed
                    updated          | topic                    | ..              | Kafka does not allow the topic name
                    """)
    void saysWhatMakesNoSense(String events, String setting, String value, String message) {
        List<ConfigProblem> problems = new ArrayList<>(problemsWith(
                "watchers",
                "w",
                "watchers.w.table",
                "t",
                "watchers.w.events",
                events,
                "watchers.w.extra.columns",
                "e",
                "watchers.w." + setting,
                value));

        assertThat(problems).isNotEmpty().allSatisfy(problem -> assertThat(problem.setting())
                .isEqualTo("watchers.w." + setting));
        assertThat(problems.get(0).message()).contains(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    inserted,updated,deleted | columns                 | email
                    inserted,updated,deleted | when                    | coalesce(NEW.a, OLD.a) > 1
                    inserted                 | skip.unchanged.updates  | false
                    updated                  | include.changed.columns | true
                    inserted                 | key.columns             | post_id
                    deleted                  | when                    | OLD.a > 1
                    """)
    void leavesAloneWhatMakesSense(String events, String setting, String value) {
        assertThat(problemsWith(
                        "watchers",
                        "w",
                        "watchers.w.table",
                        "t",
                        "watchers.w.events",
                        events,
                        "watchers.w." + setting,
                        value))
                .isEmpty();
    }

    @Test
    void oldValuesNeedExtraColumns() {
        assertThat(problemsWith("watchers", "w", "watchers.w.table", "t", "watchers.w.old.values", "true"))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.setting()).isEqualTo("watchers.w.old.values");
                    assertThat(problem.message()).contains("watchers.w.extra.columns");
                });
        // For all watchers together it may concern some only.
        assertThat(problemsWith("old.values", "true")).isEmpty();
    }
}
