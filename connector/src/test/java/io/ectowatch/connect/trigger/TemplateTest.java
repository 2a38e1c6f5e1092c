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
    void anIfWithoutAnEndIsAMistake() {
        assertThatThrownBy(() -> Template.of("-- #if a\nb\n").fill(Map.of())).hasMessageContaining("#end");
    }
}
