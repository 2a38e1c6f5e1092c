package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TemplateTest {

    @Test
    void aValueOfSeveralLinesGetsTheIndentationOfItsLine() {
        assertThat(Template.of("BEGIN\n    ${statements}\nEND\n")
                        .fill(Map.of("statements", "IF x THEN\n    y;\n\n    z;\nEND IF;")))
                .isEqualTo("BEGIN\n    IF x THEN\n        y;\n\n        z;\n    END IF;\nEND\n");
    }

    @Test
    void noQuotedTextIsIndented() {
        assertThat(Template.of("    ${query}\n")
                        .fill(Map.of("query", "SELECT \"a\nb\", 'it''s\nc' -- isn't\nFROM \"x'\ny\"")))
                .isEqualTo("    SELECT \"a\nb\", 'it''s\nc' -- isn't\n    FROM \"x'\ny\"\n");
    }

    @Test
    void whatIsFilledInIsNotReadAgain() {
        assertThat(Template.of("${one} ${two}\n").fill(Map.of("one", "${two} $1\\", "two", "2")))
                .isEqualTo("${two} $1\\ 2\n");
    }

    @Test
    void linesBetweenIfAndEndDependOnTheFlag() {
        Template template = Template.of("""
                a
                    -- #if outer
                    b
                    -- #if not inner one
                    ${missing}
                    -- #end
                    c
                    -- #end
                -- #if not outer
                d
                -- #end
                """);

        assertThat(template.fill(Map.of(), Set.of("outer", "inner one"))).isEqualTo("a\n    b\n    c\n");
        assertThat(template.fill(Map.of(), Set.of("inner one"))).isEqualTo("a\nd\n");
        assertThatThrownBy(() -> template.fill(Map.of(), Set.of("outer"))).hasMessageContaining("${missing}");
    }

    @Test
    void elseIsForTheOtherCase() {
        Template template = Template.of("-- #if a\nb\n-- #else\nc\n-- #end\n-- #if not a\nd\n-- #else\ne\n-- #end\n");

        assertThat(template.fill(Map.of(), Set.of("a"))).isEqualTo("b\ne\n");
        assertThat(template.fill(Map.of())).isEqualTo("c\nd\n");
    }

    @Test
    void aBlockStandsWhereItIsNamedWithTheIndentationOfThatLine() {
        Template template = Template.of("""
                -- #block failure
                WHEN others THEN
                    -- #if logged
                    RAISE LOG '${text}';
                    -- #end
                    ${answer}
                -- #end
                -- #block answer
                RETURN ${value};
                -- #end
                BEGIN
                    ${failure}
                END
                """);

        assertThat(template.fill(Map.of("text", "a", "value", "1"), Set.of("logged")))
                .isEqualTo("""
                BEGIN
                    WHEN others THEN
                        RAISE LOG 'a';
                        RETURN 1;
                END
                """);
    }

    @Test
    void aFunctionHasOtherQuotesWhereItsTextContainsThem() {
        FunctionSql sql = FunctionTemplate.load("condition.sql")
                .fill(
                        Map.of(
                                "function", "f",
                                "connector", "shop",
                                "watcher", "w",
                                "watcher literal", "'w'",
                                "condition", "'$ectowatch$' <> ''"),
                        Set.of("one line"));

        assertThat(sql.create()).contains("AS $ectowatch2$" + sql.body() + "$ectowatch2$");
        assertThat(sql.header()).isEqualTo("plpgsql");
    }

    @Test
    void anIfWithoutAnEndIsAMistake() {
        assertThatThrownBy(() -> Template.of("-- #if a\nb\n").fill(Map.of())).hasMessageContaining("#end");
        assertThatThrownBy(() -> Template.of("-- #block a\nb\n")).hasMessageContaining("#end");
    }
}
