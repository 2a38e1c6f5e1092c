package io.ectowatch.connect.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.protocol.EntryFields.Field;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutTest {

    private static final Layout.Column ID = new Layout.Column("id", "INT64", "bigint");
    /** Named after a part of the definition. */
    private static final Layout.Column PREVIOUS = new Layout.Column("previous", "TEXT", "character varying(20)");

    private static final Layout.Column NOTE = new Layout.Column("note", "TEXT", "text");

    private static final Layout PLAIN = layout(List.of(), List.of(ID), List.of(), false, List.of(NOTE), List.of());

    private static final Layout WHOLE = layout(
            List.of("watchers.a", "watchers.b"),
            List.of(ID, PREVIOUS),
            List.of(PREVIOUS),
            true,
            List.of(NOTE),
            List.of(NOTE));

    @Test
    void aDefinitionIsReadAsItWasWritten() {
        for (Layout layout : List.of(PLAIN, WHOLE)) {
            assertThat(Layout.parse(layout.definition())).isEqualTo(layout);
        }
    }

    /** As another version may write it. */
    @Test
    void aDefinitionInAnyOtherOrderIsReadAsItWasWritten() {
        List<Field<Layout.Column>> reversed = new ArrayList<>(WHOLE.fields().all());
        Collections.reverse(reversed);
        Layout layout = new Layout(WHOLE.table(), 1, WHOLE.watchers(), new EntryFields<>(reversed, 4));

        assertThat(Layout.parse(layout.definition())).isEqualTo(layout);
    }

    @Test
    void aLayoutWithTheSameFieldsInAnotherOrderHasAnotherName() {
        Set<String> names = new HashSet<>(Set.of(WHOLE.name()));
        for (int i = 1; i < WHOLE.fields().all().size(); i++) {
            List<Field<Layout.Column>> swapped = new ArrayList<>(WHOLE.fields().all());
            Collections.swap(swapped, i - 1, i);
            EntryFields<Layout.Column> fields =
                    new EntryFields<>(swapped, WHOLE.fields().shortLength());

            assertThat(names.add(new Layout(WHOLE.table(), 1, WHOLE.watchers(), fields).name()))
                    .as("fields %d and %d swapped", i - 1, i)
                    .isTrue();
        }
    }

    @Test
    void aLayoutWhoseShortenedEntriesEndElsewhereHasAnotherName() {
        EntryFields<Layout.Column> fields = WHOLE.fields();

        assertThat(new Layout(WHOLE.table(), 1, WHOLE.watchers(), new EntryFields<>(fields.all(), 3)).name())
                .isNotEqualTo(WHOLE.name());
    }

    /** A layout is not another one only because a message names its type otherwise. */
    @Test
    void theNameOfATypeDoesNotChangeTheNameOfTheLayout() {
        Layout.Column longer = new Layout.Column("note", "TEXT", "character varying(99)");

        assertThat(layout(List.of(), List.of(ID), List.of(), false, List.of(longer), List.of())
                        .name())
                .isEqualTo(PLAIN.name());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no JSON",
                "{}",
                "[\"public\",\"users\",1",
                "[\"public\",\"users\"]",
                "[\"public\",\"users\",0,\"id\",\"INT64\",\"bigint\"]",
                "[\"public\",\"users\",2,\"id\",\"INT64\",\"bigint\"]",
                "[\"public\",\"users\",1,\"id\",\"INT64\"]",
                "[\"public\",\"users\",1,\"id\",\"INT64\",\"bigint\",[\"previous\",\"name\"]]",
                "[\"public\",\"users\",1,\"id\",\"INT64\",\"bigint\",[\"of a later version\"]]",
                "[\"public\",\"users\",1,\"id\",\"INT64\",\"bigint\",{\"kept\":1}]"
            })
    void aDefinitionThatIsDamagedOrOfALaterVersionIsRefused(String definition) {
        assertThatThrownBy(() -> Layout.parse(definition))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(definition);
    }

    private static Layout layout(
            List<String> watchers,
            List<Layout.Column> kept,
            List<Layout.Column> keptBefore,
            boolean changed,
            List<Layout.Column> extras,
            List<Layout.Column> extrasBefore) {
        return new Layout(
                new TableName("public", "users"),
                1,
                watchers,
                EntryFields.of(!watchers.isEmpty(), kept, keptBefore, changed, extras, extrasBefore));
    }
}
