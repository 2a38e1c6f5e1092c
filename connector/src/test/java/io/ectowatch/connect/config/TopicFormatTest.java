package io.ectowatch.connect.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.config.names.TableName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicFormatTest {

    private static final TableName USERS = new TableName("public", "users");
    private static final TopicFormat DEFAULT = new TopicFormat("ectowatch", "${prefix}.${table}.${event}");

    @Test
    void theDefaultIsPrefixTableEvent() {
        assertThat(DEFAULT.topic(USERS, Event.INSERTED)).isEqualTo("ectowatch.users.inserted");
        assertThat(DEFAULT.topic(USERS, Event.RESYNC)).isEqualTo("ectowatch.users.resync");
    }

    @ParameterizedTest
    @CsvSource({
        "${table}, invoices",
        "${schema}.${table}, billing.invoices",
        "${event}_${table}-${event}, deleted_invoices-deleted",
        "x${prefix}y${table}z, xpyinvoicesz",
        "${table}${schema}, invoicesbilling"
    })
    void fillsInEveryPlaceholder(String format, String topic) {
        assertThat(new TopicFormat("p", format).topic(new TableName("billing", "invoices"), Event.DELETED))
                .isEqualTo(topic);
    }

    @Test
    void whatKafkaDoesNotAllowInANameBecomesAnUnderscore() {
        TopicFormat format = new TopicFormat("p", "${schema}.${table}");

        assertThat(format.topic(new TableName("My Schema", "größe/🙂\"$x\".a-b_c"), Event.UPDATED))
                .isEqualTo("My_Schema.gr__e____x_.a-b_c");
    }

    @Test
    void aLabelFollowsThePrefixWhateverTheFormat() {
        assertThat(new TopicFormat("shop", "${table}").labelTopic("contact_changed"))
                .isEqualTo("shop.contact_changed");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    ${prefix}.${tabel}      | ${tabel} is not a placeholder. Did you mean table?
                    ${table}.${op}          | ${op} is not a placeholder. Placeholders: ${prefix}, ${schema}, ${table}, ${event}.
                    ${table}.${}            | ${} is not a placeholder.
                    ${table}.${Event}       | ${Event} is not a placeholder. Did you mean event?
                    ${prefix}.${table       | A "${" has no closing
                    ${table}.${             | A "${" has no closing
                    ${prefix}.${event}      | It must contain ${table}
                    users                   | It must contain ${table}
                    ''                      | It must contain ${table}
                    ${table}/${event}       | The character "/" is not allowed in a topic name
                    ${table} ${event}       | The character " " is not allowed
                    $table.${table}         | The character "$" is not allowed
                    {table}.${table}        | The character "{" is not allowed
                    ${table}}               | The character "}" is not allowed
                    ${table}ä               | The character U+00E4 is not allowed
                    """)
    void saysWhatIsWrongWithAFormat(String format, String message) {
        assertThatThrownBy(() -> new TopicFormat("p", format))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    ''      | It must not be empty.
                    a/b     | The character "/" is not allowed
                    a b     | The character " " is not allowed
                    a${x}   | The character "$" is not allowed
                    é       | U+00E9
                    """)
    void saysWhatIsWrongWithAPrefix(String prefix, String message) {
        assertThatThrownBy(() -> new TopicFormat(prefix, "${table}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void reportsATopicThatKafkaWouldRefuse() {
        assertThat(DEFAULT.obstacle("a".repeat(249))).isEmpty();
        assertThat(DEFAULT.obstacle("a".repeat(250))).hasValueSatisfying(reason -> assertThat(reason)
                .contains("would have 250 characters. Kafka allows 249"));
        assertThat(DEFAULT.obstacle(".")).isPresent();
        assertThat(DEFAULT.obstacle("..")).isPresent();
        assertThat(DEFAULT.obstacle("...")).isEmpty();
    }

    @Test
    void knowsWhetherEventsHaveTopicsOfTheirOwn() {
        assertThat(DEFAULT.hasEvent()).isTrue();
        assertThat(new TopicFormat("p", "${prefix}.${table}").hasEvent()).isFalse();
    }

    @Test
    void keepsRecordsWithoutAKeyOutOfTopicsThatMayBeCompacted() {
        TableName table = new TableName("public", "users");
        TopicFormat format = new TopicFormat("p", "${prefix}.${table}", true, false);

        assertThat(format.topic(table, Event.DELETED)).isEqualTo("p.users");
        assertThat(format.topic(table, Event.RESYNC)).isEqualTo("p.users.resync");
        assertThat(format.topic(table, Event.TRUNCATED)).isEqualTo("p.users.truncated");
        assertThat(format.within("mine", Event.UPDATED)).isEqualTo("mine");
        assertThat(format.within("mine", Event.RESYNC)).isEqualTo("mine.resync");
    }

    @Test
    void leavesThemWhereTheyAreOtherwise() {
        TableName table = new TableName("public", "users");

        assertThat(new TopicFormat("p", "${table}").topic(table, Event.RESYNC)).isEqualTo("users");
        assertThat(DEFAULT.within("mine", Event.RESYNC)).isEqualTo("mine");
        assertThat(new TopicFormat("p", "${table}.${event}", true, false).topic(table, Event.RESYNC))
                .isEqualTo("users.resync");
    }
}
