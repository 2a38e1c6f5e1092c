package io.ectowatch.connect.config.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NEW.total > 100",
                "NEW.name = ';' OR NEW.name = '--' OR NEW.name = '/*' OR NEW.name = ')'",
                "NEW.name = 'it''s' AND (NEW.tags[1] = 'a')",
                "NEW.name ~ E'^\\\\d+\\'$'",
                "NEW.\"a\"\"b;--\" IS NULL",
                "NEW.name = $$;--)$$ AND NEW.note = $t$ $$ $t$",
                "NEW.values > 1 AND OLD.\"select\" > 1 AND NEW.table > 0",
                "NEW.at > now() - interval '1 day'",
                "NEW.data @> '{\"a\": 1}' AND NEW.data ? 'x'",
                "NEW.größe::numeric(10, 2) > 1.5e3 - -1"
            })
    void takesOneExpression(String text) {
        assertThat(Condition.parse(" " + text + "\n").text()).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    ``                                | must not be empty
                    NEW.a > 1; DROP TABLE users       | Remove the ";"
                    NEW.a > 1) OR (true               | A ")" has no opening bracket.
                    (NEW.a > 1                        | A "(" is not closed.
                    (NEW.a > 1]                       | A "]" has no opening bracket.
                    NEW.a > 1 -- so there             | must not contain a comment
                    NEW.a > 1 /* so there             | must not contain a comment
                    NEW.a = 1<--2                     | must not contain a comment
                    NEW.a = 'x                        | A single quote is not closed.
                    NEW.a = E'x\\'                    | A single quote is not closed.
                    NEW."a = 1                        | A double quote is not closed.
                    NEW.a = $t$ x $$                  | A $t$ is not closed.
                    NEW.a = $1                        | must not contain a parameter
                    NEW.a = 'a\\b'                    | Write a string with a backslash as E'...'
                    NEW.a = U&'x'                     | must not contain U&
                    new.f(NEW.a)                      | so this name is not possible: new.f
                    NEW.a = 'x'::OLD.t                | this name is not possible: old.t
                    NEW.a = CAST('x' AS "new".t)      | this name is not possible: new.t
                    NEW.a = new.t 'x'                 | this name is not possible: new.t
                    NEW.a = new.t E'x'                | this name is not possible: new.t
                    NEW.a OPERATOR(public.) 1         | OPERATOR(...) must contain a schema, a dot and an operator.
                    NEW.a OPERATOR(public.+--) 1      | OPERATOR(...) must contain a schema, a dot and an operator.
                    NEW.a OPERATOR(public             | A "(" is not closed.
                    NEW.a IN (SELECT 1)               | must not contain a subquery (select)
                    EXISTS (TABLE users)              | must not contain a subquery (table)
                    NEW.a IN (VALUES (1))             | must not contain a subquery (values)
                    (WITH x AS (DELETE FROM t RETURNING 1) SeLeCt 1) = 1 | must not contain a subquery
                    """)
    void refusesWhatCouldBecomeSomethingElse(String text, String message) {
        assertThatThrownBy(() -> Condition.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesWhatPostgresCannotRead() {
        for (String text : List.of("NEW.a = '\0'", "NEW.a = '\ud800'")) {
            assertThatThrownBy(() -> Condition.parse(text)).hasMessageContaining("does not accept");
        }
    }

    @Test
    void knowsWhichRowsAndColumnsAreMentioned() {
        Condition condition = Condition.parse("new . Total > 1 OR NEW.\"Odd\" = 'old.secret'");

        assertThat(condition.mentionsNew()).isTrue();
        assertThat(condition.mentionsOld()).isFalse();
        assertThat(condition.mayMention("total")).isTrue();
        assertThat(condition.mayMention("Odd")).isTrue();
        assertThat(condition.mayMention("odd")).isFalse();
        assertThat(condition.mayMention("secret")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"NEW IS DISTINCT FROM OLD", "NEW.* = OLD.*", "(OLD) IS NULL", "NEW", "f(NEW) AND NEW.a > 1"})
    void aRowAsAWholeMentionsEveryColumn(String text) {
        assertThat(Condition.parse(text).mayMention("anything")).isTrue();
    }

    @Test
    void knowsWhatIsCalled() {
        assertThat(Condition.parse("public.\"F\"(NEW.a) AND lower (NEW.b) = 'x' AND NEW.c IN (1)")
                        .calls())
                .contains(List.of("public", "F"), List.of("lower"));
    }

    /** (x).f is f(x). */
    @Test
    void anAttributeOfAnExpressionMayBeACall() {
        assertThat(Condition.parse(
                                "('a'::regclass).f > 1 AND (NEW.b) . \"G\" . h AND NEW.c[1].i AND .5 > 1.5 AND NEW.j")
                        .calls())
                .containsExactlyInAnyOrder(List.of("f"), List.of("G"), List.of("h"), List.of("i"), List.of("and"));
    }

    @Test
    void knowsWhatIsNamedWithItsSchema() {
        assertThat(Condition.parse("app.f(NEW.a) AND NEW.b OPERATOR ( \"App\" . @*/ ) 'x'::app . t[] AND (NEW.c).d.e"
                                + " AND NEW.g OPERATOR(+) 1 AND OLD.h = 'no.t' AND app.u 'x' = db.app.v('y')")
                        .qualifiedNames())
                .containsExactlyInAnyOrder(
                        List.of("app", "f"),
                        List.of("App", "@*/"),
                        List.of("app", "t"),
                        List.of("app", "u"),
                        List.of("app", "v"));
    }
}
