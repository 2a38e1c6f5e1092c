package io.ectowatch.connect.config.names;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingSuggestionTest {

    private static final List<String> WORDS = List.of("inserted", "updated", "deleted", "truncated");

    @ParameterizedTest
    @CsvSource({"insertd, inserted", "update, updated", "delted, deleted", "UPDATED, updated", "trunkaded, truncated"})
    void suggestsTheNearestWord(String misspelt, String meant) {
        assertThat(SpellingSuggestion.closest(misspelt, WORDS)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"x", "selected_by_me", "up", "''"})
    void suggestsNothingWhereNothingIsNear(String word) {
        assertThat(SpellingSuggestion.closest(word, WORDS)).isEmpty();
    }

    @Test
    void aLongWordMayDifferByAThirdOfItsLength() {
        assertThat(SpellingSuggestion.closest("customer_adres", List.of("customer_address")))
                .contains("customer_address");
        assertThat(SpellingSuggestion.closest("custmer_adrs", List.of("customer_addr")))
                .contains("customer_addr");
        assertThat(SpellingSuggestion.closest("abcdefxyz", List.of("abcdef"))).contains("abcdef");
        assertThat(SpellingSuggestion.closest("abcdexyzu", List.of("abcdef"))).isEmpty();
    }

    @Test
    void wordsWithNothingInCommonAreNotSuggestedHoweverShort() {
        assertThat(SpellingSuggestion.closest("id", List.of("xy"))).isEmpty();
    }

    @Test
    void twoLettersInTheWrongOrderAreOneMistake() {
        assertThat(SpellingSuggestion.within(1, "tabel", List.of("table"))).contains("table");
    }

    @Test
    void ofTwoEquallyNearTheOneWithTheSameFirstLetterWins() {
        assertThat(SpellingSuggestion.closest("tabel", List.of("label", "table")))
                .contains("table");
        assertThat(SpellingSuggestion.closest("lable", List.of("label", "table")))
                .contains("label");
    }

    @Test
    void theNearerOfTwoWins() {
        assertThat(SpellingSuggestion.closest("usrs", List.of("user", "users"))).contains("users");
    }

    @Test
    void theHintIsASentenceThatFollowsAnother() {
        assertThat(SpellingSuggestion.hint("insert", WORDS)).isEqualTo(" Did you mean inserted?");
        assertThat(SpellingSuggestion.hint("nothing_like_it", WORDS)).isEmpty();
    }

    @Test
    void aWordOfAbsurdLengthIsAnsweredAtOnce() {
        String endless = String.join("", Collections.nCopies(20_000, "a"));

        assertThat(SpellingSuggestion.closest(endless, List.of(endless + "b"))).isEmpty();
    }
}
