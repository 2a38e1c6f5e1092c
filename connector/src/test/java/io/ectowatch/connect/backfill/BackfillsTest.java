package io.ectowatch.connect.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.backfill.Backfill.Cause;
import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.WatchedTable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The backfills that have not ended, as an offset carries them. */
class BackfillsTest {

    private static final TableName TABLE = new TableName("public", "Odd \"name\"");

    private static Backfills of(String... rows) throws IOException {
        Backfills backfills = Backfills.NONE;
        for (String row : rows) {
            backfills = backfills.plusRow(row, TABLE, true);
        }
        return backfills;
    }

    @Test
    void anOffsetGivesBackWhatWasPutIn() throws IOException {
        Backfills backfills = of("{\"id\":\"a\",\"condition\":\"x = 'ä'\"}", "{\"id\":\"b\",\"first\":\"true\"}");
        Backfill reached = backfills.all().get(0).after("1 2", List.of("7", ""), 1);
        backfills = backfills.with(reached).with(backfills.all().get(1).endedBy("a reason"));

        Backfills read = Backfills.ofOffset(Map.of(Backfills.FIELD, backfills.toString()));

        assertThat(read.all()).isEqualTo(backfills.all());
        assertThat(read.all().get(0)).isEqualTo(reached);
        assertThat(read.all().get(1).cause()).isEqualTo(Cause.NEW);
    }

    @Test
    void anOffsetWithoutBackfillsHasNone() {
        assertThat(Backfills.ofOffset(Map.of()).isEmpty()).isTrue();
        assertThat(Backfills.ofOffset(null).isEmpty()).isTrue();
        assertThatThrownBy(() -> Backfills.ofOffset(Map.of(Backfills.FIELD, "{")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRowThatIsReadAgainChangesNothing() throws IOException {
        assertThat(of("{\"id\":\"a\"}", "{\"id\":\"a\"}").all()).hasSize(1);
        assertThat(of("{\"stop\":\"a\"}", "{\"id\":\"a\"}", "{\"stop\":\"b\"}").all())
                .singleElement()
                .satisfies(backfill -> assertThat(backfill.ending()).isNull());
        assertThat(of("{\"id\":\"a\"}", "{\"stop\":\"a\"}").all().get(0).ending())
                .isNotNull();
    }

    /** As a change that cannot be published, while the rows are read: that goes on, and is done once more. */
    @Test
    void anotherResyncOfThatKindDoesNotEndABackfill() {
        List<Column> key = List.of(new Column("id", ColumnKind.INT32, "integer", false, false));
        WatchedTable table = new WatchedTable(
                new TableShape(1, TABLE, "postgres", key, key, TableShape.Triggers.STATEMENT),
                List.of(new WatchedTable.TableWatcher(Set.of(Event.INSERTED), List.of(), null, Map.of())));
        Backfills one = Backfills.NONE.plus(List.of(request(1, table)));
        Backfills reading = one.with(one.all().get(0).after("key", List.of("1"), 1));

        Backfills both = reading.plus(List.of(request(2, table), request(3, table), request(4, table)));

        assertThat(both.all()).hasSize(2).allSatisfy(backfill -> assertThat(backfill.ending())
                .isNull());
        assertThat(both.without(both.all().get(1))
                        .plus(List.of(request(3, table), request(4, table)))
                        .all())
                .as("none is taken twice")
                .hasSize(1);
    }

    private static ResyncRequest request(long number, WatchedTable table) {
        return new ResyncRequest(number, Backfills.automatic(table, Cause.RESYNC));
    }

    @Test
    void aTableThatIsWatchedForTheFirstTimeIsReadOnlyIfThatIsConfigured() throws IOException {
        assertThat(Backfills.NONE
                        .plusRow("{\"id\":\"a\",\"first\":\"true\"}", TABLE, false)
                        .isEmpty())
                .isTrue();
        assertThat(Backfills.NONE.plusRow("{\"id\":\"a\"}", null, false).isEmpty())
                .isTrue();
    }

    @Test
    void moreCallsThanAnOffsetCanCarryEndAtOnce() throws IOException {
        Backfills backfills = Backfills.NONE;
        for (int n = 0; n <= 100; n++) {
            backfills = backfills.plusRow("{\"id\":\"" + n + "\"}", TABLE, false);
        }

        assertThat(backfills.all().get(99).ending()).isNull();
        assertThat(backfills.all().get(100).ending()).contains("waiting already");
    }
}
