package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SqlLayoutTest {

    private static final String LONG = "octet_length(r.description_of_the_place) > 524288";

    @Test
    void whatIsShortStandsInOneLine() {
        assertThat(SqlLayout.list("f(", List.of("a", "b"), ")::text")).isEqualTo("f(a, b)::text");
        assertThat(SqlLayout.joined(List.of("a", "b"), "OR")).isEqualTo("a OR b");
        assertThat(SqlLayout.parenthesized("a")).isEqualTo("(a)");
        assertThat(SqlLayout.choose("a", "b", null)).isEqualTo("CASE WHEN a THEN b END");
        assertThat(SqlLayout.choose("a", "b", "c")).isEqualTo("CASE WHEN a THEN b ELSE c END");
        assertThat(SqlLayout.select(List.of("a", "b"), "t AS x")).isEqualTo("SELECT a, b FROM t AS x");
        assertThat(SqlLayout.select(List.of("a"), null)).isEqualTo("SELECT a");
    }

    @Test
    void whatIsLongHasALineForEachItem() {
        assertThat(SqlLayout.parenthesized(SqlLayout.joined(List.of(LONG, LONG), "OR")))
                .isEqualTo("""
                (
                    %1$s
                    OR %1$s
                )""".formatted(LONG));
        assertThat(SqlLayout.choose(SqlLayout.joined(List.of(LONG, LONG), "OR"), "b", "c"))
                .isEqualTo("""
                CASE
                    WHEN %1$s
                        OR %1$s
                    THEN b
                    ELSE c
                END""".formatted(LONG));
        assertThat(SqlLayout.select(List.of(LONG + " AS a", LONG + " AS b"), "t"))
                .isEqualTo("""
                SELECT
                    %1$s AS a,
                    %1$s AS b
                FROM t""".formatted(LONG));
        assertThat(SqlLayout.chooseBy(
                        "e", List.of(Map.entry("'u'", SqlLayout.list("f(", List.of(LONG, LONG), ")"))), "c"))
                .isEqualTo("""
                CASE e
                    WHEN 'u' THEN f(
                        %1$s,
                        %1$s
                    )
                    ELSE c
                END""".formatted(LONG));
    }

    @Test
    void aNameWithALineBreakStaysAsItIs() {
        assertThat(SqlLayout.parenthesized("x.\"a\nb\"")).isEqualTo("(\n    x.\"a\nb\"\n)");
    }
}
