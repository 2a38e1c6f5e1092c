package io.ectowatch.connect.config.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TablePatternTest {

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
                    users,                      public,         users
                    billing.invoices,           billing,        invoices
                    Users,                      public,         users
                    BILLING.InVoices,           billing,        invoices
                    AZ,                         public,         az
                    '"Users"',                  public,         Users
                    '"My Schema".t',            My Schema,      t
                    '"Odd, ""Name\"""',         public,         'Odd, "Name"'
                    '"with.dot"."and.dot"',     with.dot,       and.dot
                    '"audit*"',                 public,         audit*
                    ' billing . "T" ',          billing,        T
                    2024_sales,                 public,         2024_sales
                    order-items,                public,         order-items
                    a$b_1,                      public,         a$b_1
                    größe,                      public,         größe
                    ÄPFEL,                      public,         Äpfel
                    '" "',                      public,         ' '
                    """)
    void namesOneTable(String text, String schema, String table) {
        TablePattern pattern = TablePattern.parse(text);

        assertThat(pattern.isGlob()).isFalse();
        assertThat(pattern.exactName()).contains(new TableName(schema, table));
        assertThat(pattern.matches(new TableName(schema, table))).isTrue();
        assertThat(pattern.matches(new TableName(schema, table + "x"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
                    audit.*,        audit,      anything,       true
                    audit.*,        auditor,    anything,       false
                    *.events,       any schema, events,         true
                    *.events,       any schema, event,          false
                    *.*,            a,          b,              true
                    *,              public,     b,              true
                    *,              a,          b,              false
                    user_*,         public,     user_,          true
                    user_*,         public,     user_x,         true
                    user_*,         public,     users,          false
                    USER_*,         public,     user_x,         true
                    *_log,          public,     a_log_log,      true
                    *_log,          public,     a_log_logs,     false
                    a*b*c,          public,     abc,            true
                    a*b*c,          public,     a1b2b3c,        true
                    a*b*c,          public,     acb,            false
                    "x*".*,         x*,         t,              true
                    "x*".*,         xy,         t,              false
                    **a**,          public,     bab,            true
                    """)
    void aStarStandsForAnyCharacters(String glob, String schema, String table, boolean matches) {
        TablePattern pattern = TablePattern.parse(glob);

        assertThat(pattern.isGlob()).isTrue();
        assertThat(pattern.exactName()).isEmpty();
        assertThat(pattern.matches(new TableName(schema, table))).isEqualTo(matches);
    }

    @Test
    void aGlobOfManyStarsIsAnsweredAtOnce() {
        TablePattern pattern = TablePattern.parse("*a".repeat(60) + "*b");

        assertThat(pattern.matches(new TableName("public", "a".repeat(100_000))))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
                    users,                  public.users
                    Users,                  public.users
                    '"users"',              public.users
                    '"Users"',              'public."Users"'
                    ' "a b" . c ',          '"a b".c'
                    '"a""b"',               'public."a""b"'
                    Audit.*,                audit.*
                    '"a*"',                 'public."a*"'
                    '"Ä"',                  public.Ä
                    """)
    void theTextIsCanonical(String text, String canonical) {
        assertThat(TablePattern.parse(text)).hasToString(canonical);
        assertThat(TablePattern.parse(canonical))
                .isEqualTo(TablePattern.parse(text))
                .hasSameHashCodeAs(TablePattern.parse(text));
    }

    @Test
    void aLiteralStarIsAnotherPatternThanAGlob() {
        assertThat(TablePattern.parse("\"a*\"")).isNotEqualTo(TablePattern.parse("a*"));
    }

    @Test
    void aListKeepsItsOrderAndTheCommasWithinQuotes() {
        assertThat(TablePattern.parseList(" users ,packages,\n\t\"a,b\", audit.* "))
                .extracting(TablePattern::toString)
                .containsExactly("public.users", "public.packages", "public.\"a,b\"", "audit.*");
    }

    @Test
    void aBlankListHasNoEntries() {
        assertThat(TablePattern.parseList("")).isEmpty();
        assertThat(TablePattern.parseList(" \n ")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', delimiter = '|', textBlock = """
                    a.b.c           | a.b.c has 3 parts. Write schema.table
                    db.S.t.x        | db.s.t.x has 4 parts
                    .users          | .users has no name before or after a dot
                    billing.        | billing. has no name before or after a dot
                    billing..t      | billing..t has no name before or after a dot
                    .               | . has no name before or after a dot
                    users,          | An entry of the list is empty. Remove the extra comma.
                    ,users          | An entry of the list is empty
                    users,,orders   | An entry of the list is empty
                    ,               | An entry of the list is empty
                    '"users'        | '"users has a double quote that is not closed.'
                    'ok, "a""'      | '"a"" has a double quote that is not closed.'
                    '""'            | '"" has an empty name in double quotes.'
                    'a.""'          | 'a."" has an empty name in double quotes.'
                    'us"ers"'       | 'us"ers" has a double quote within a name'
                    '"us"ers'       | '"us"ers continues after a closing quote'
                    'ok, odd name'  | 'odd name contains a blank. Separate names with a comma, or put a name with'
                    '"odd" name'    | '"odd" name contains a blank'
                    users;orders    | 'users;orders contains the character ;. Put a name with such a character in double quotes.'
                    public/users    | public/users contains the character /
                    user%           | user% contains the character %
                    """)
    void saysWhatIsWrongWithAnEntry(String text, String message) {
        assertThatThrownBy(() -> TablePattern.parseList(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void anInvisibleCharacterIsNamedByItsCode() {
        assertThatThrownBy(() -> TablePattern.parse("a\u00a0b")).hasMessageContaining("contains the character U+00A0");
        assertThatThrownBy(() -> TablePattern.parse("\ufeffusers"))
                .hasMessageContaining("contains the character U+FEFF");
        assertThatThrownBy(() -> TablePattern.parse("users\0")).hasMessageContaining("contains the character U+0000");
        assertThat(TablePattern.parse("\"a\u00a0b\"").exactName()).contains(new TableName("public", "a\u00a0b"));
    }

    @Test
    void aNameMayHave63BytesAndNotMore() {
        String most = "é".repeat(31) + "x";

        assertThat(TablePattern.parse("\"" + most + "\"").exactName()).contains(new TableName("public", most));
        assertThatThrownBy(() -> TablePattern.parse("s." + most + "y"))
                .hasMessageContaining(most + "y has a name of 64 bytes (UTF-8), but PostgreSQL allows at most 63.");
    }

    @Test
    void theStarsOfAGlobDoNotCountForItsLength() {
        assertThat(TablePattern.parse("*" + "x".repeat(63) + "*").isGlob()).isTrue();
        assertThatThrownBy(() -> TablePattern.parse("x".repeat(64) + "*")).hasMessageContaining("64 bytes");
    }

    @Test
    void charactersThatNoNameCanHaveAreRefusedEvenInQuotes() {
        assertThatThrownBy(() -> TablePattern.parse("\"a\0b\""))
                .hasMessageContaining("PostgreSQL does not allow in names");
        assertThatThrownBy(() -> TablePattern.parse("\"a\ud800b\""))
                .hasMessageContaining("PostgreSQL does not allow in names");
        assertThatThrownBy(() -> TablePattern.parse("a\ud800b"))
                .hasMessageContaining("PostgreSQL does not allow in names");
    }

    @Test
    void aSinglePatternIsExactlyOne() {
        assertThatThrownBy(() -> TablePattern.parse(" ")).hasMessageContaining("names no table");
        assertThatThrownBy(() -> TablePattern.parse("a, b"))
                .hasMessageContaining("names 2 tables, but only one is allowed");
    }

    @Test
    void aLongEntryIsShownShortened() {
        assertThatThrownBy(() -> TablePattern.parse("x".repeat(100_000)))
                .hasMessageMatching("x{100}\\.\\.\\. has a name of 100000 bytes.*");
    }

    @Test
    void anyNameSurvivesTheRoundTripThroughItsCanonicalText() {
        Random random = new Random(20_250_301);
        for (int round = 0; round < 500; round++) {
            TableName name = new TableName(randomName(random), randomName(random));
            String quoted = quoted(name.schema()) + "." + quoted(name.table());

            TablePattern pattern = TablePattern.parse(quoted);

            assertThat(pattern.exactName()).as(quoted).contains(name);
            assertThat(TablePattern.parse(pattern.toString()))
                    .as(pattern.toString())
                    .isEqualTo(pattern);
            assertThat(TablePattern.parseList(pattern + " , " + pattern + ",x"))
                    .as(pattern.toString())
                    .containsExactly(pattern, pattern, TablePattern.parse("x"));
        }
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** One to 63 bytes, with much of what needs quoting and of what does not. */
    private static String randomName(Random random) {
        int[] letters = "abcXYZ019_$-*\"\".,;'\\ \t\n%{}/äÖß漢字🙂\u00a0\u200b"
                .codePoints()
                .toArray();
        int bytes = 1 + random.nextInt(Identifier.MAX_BYTES);
        StringBuilder name = new StringBuilder();
        while (true) {
            String letter = Character.toString(letters[random.nextInt(letters.length)]);
            if ((name + letter).getBytes(StandardCharsets.UTF_8).length > bytes) {
                return name.isEmpty() ? "a" : name.toString();
            }
            name.append(letter);
        }
    }
}
