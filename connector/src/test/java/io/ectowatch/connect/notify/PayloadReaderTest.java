package io.ectowatch.connect.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.log.RepeatedLog;
import io.ectowatch.connect.notify.PayloadReader.Outcome;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadReaderTest {

    private static final Column ID = new Column("id", ColumnKind.INT32, "integer", false, false);
    private static final Column EMAIL = new Column("email", ColumnKind.TEXT, "text", true, false);

    private final WatchedTable users = table(List.of());
    private final NotifyLayouts layouts = new NotifyLayouts();
    private final PayloadReader reader = new PayloadReader(layouts, new RepeatedLog());
    private final List<Change> changes = new ArrayList<>();

    @BeforeEach
    void watchUsers() {
        layouts.update(List.of(users), Map.of("formerusers", "public.users", "formerposts", "public.posts"));
    }

    @Test
    void everyEntryBecomesAChangeNumberedFromTheFirst() {
        assertThat(reader.read(payload("\"u\",771,1700000000000042,350,[[7],[8]]"), changes))
                .isEqualTo(Outcome.READ);
        assertThat(changes)
                .extracting(Change::id)
                .containsExactly("771.1700000000000042.350", "771.1700000000000042.351");
        assertThat(changes).extracting(change -> change.values()[0]).containsExactly(7, 8);
        assertThat(changes).allSatisfy(change -> {
            assertThat(change.event()).isEqualTo(Event.UPDATED);
            assertThat(change.transactionId()).isEqualTo(771);
            assertThat(change.at()).isEqualTo(1700000000000L);
        });
    }

    @Test
    void aTruncationHasNoValues() {
        assertThat(reader.read(payload("\"t\",771,42,0,[null]"), changes)).isEqualTo(Outcome.READ);
        assertThat(changes).singleElement().satisfies(change -> {
            assertThat(change.event()).isEqualTo(Event.TRUNCATED);
            assertThat(change.values()).isNull();
        });
    }

    @Test
    void aGapIsAResyncOfItsTable() {
        assertThat(reader.read("[\"" + users.layout() + "\",\"g\"]", changes)).isEqualTo(Outcome.GAP);
        assertThat(changes).extracting(Change::event).containsExactly(Event.RESYNC);
    }

    @Test
    void aLayoutOfAnEarlierConfigurationIsAGapOfItsTableIfThatIsStillWatched() {
        assertThat(reader.read("[\"formerusers\",\"i\",1,1,0,[[7,\"a\"]]]", changes))
                .isEqualTo(Outcome.GAP);
        assertThat(reader.read("[\"formerposts\",\"i\",1,1,0,[[7,\"a\"]]]", changes))
                .isEqualTo(Outcome.IGNORED);
        assertThat(changes).extracting(Change::event).containsExactly(Event.RESYNC);
    }

    @Test
    void aPayloadThatWaitedWhileTheLayoutChangedIsStillReadByItsOwn() {
        String waiting = payload("\"i\",1,1,0,[[7]]");
        layouts.update(List.of(table(List.of(EMAIL))), Map.of());
        assertThat(reader.read(waiting, changes)).isEqualTo(Outcome.READ);
    }

    /** A look at the catalog may come every few seconds, and each table has readers and schemas built for it. */
    @Test
    void aTableOfWhichNothingHasChangedStaysTheSameObject() {
        layouts.update(List.of(table(List.of())), Map.of());
        assertThat(layouts.tables()).singleElement().isSameAs(users);
        assertThat(layouts.readable(users.layout())).isSameAs(users);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "{}", "[]", "[1]", "[null,\"i\"]"})
    void aForeignPayloadIsIgnoredAsAWhole(String payload) {
        assertThat(reader.read(payload, changes)).isEqualTo(Outcome.IGNORED);
        assertThat(changes).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[\"LAYOUT\"]",
                "[\"LAYOUT\",\"x\",1,1,0,[[7]]]",
                "[\"LAYOUT\",\"i\",1,1,0,[[7],[\"eight\"]]]",
                "[\"LAYOUT\",\"i\",1,1,0,[[7],[3000000000]]]",
                "[\"LAYOUT\",\"i\",1,1,0,[[7],[8",
                "[\"LAYOUT\",\"i\",1,1,0,[[7],[8,9,10]]]"
            })
    void anUnreadablePayloadOfAWatchedTableIsAGapAsAWhole(String payload) {
        assertThat(reader.read(payload.replace("LAYOUT", users.layout()), changes))
                .isEqualTo(Outcome.GAP);
        assertThat(changes).extracting(Change::event).containsExactly(Event.RESYNC);
    }

    @Test
    void changesOfADroppedPayloadAreCounted() {
        assertThat(PayloadReader.countChanges(payload("\"i\",1,1,0,[[7],[8],[9]]")))
                .isEqualTo(3);
        assertThat(PayloadReader.countChanges("rubbish [[[")).isZero();
    }

    private String payload(String rest) {
        return "[\"" + users.layout() + "\"," + rest + "]";
    }

    private static WatchedTable table(List<Column> extras) {
        TableShape shape = new TableShape(
                1,
                new TableName("public", "users"),
                "postgres",
                List.of(ID, EMAIL),
                List.of(ID),
                TableShape.Triggers.STATEMENT);
        return new WatchedTable(
                shape, List.of(new WatchedTable.TableWatcher(Set.of(Event.INSERTED), extras, null, Map.of())));
    }
}
