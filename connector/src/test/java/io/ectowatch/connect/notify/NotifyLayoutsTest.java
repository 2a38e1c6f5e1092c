package io.ectowatch.connect.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NotifyLayoutsTest {

    private static final Column ID = new Column("id", ColumnKind.INT64, "bigint", true, false);

    private final NotifyLayouts layouts = new NotifyLayouts();

    @Test
    void aTableThatHasNotChangedStaysTheSameObject() {
        layouts.update(List.of(table("users")), Map.of());
        WatchedTable first = layouts.tables().get(0);
        layouts.update(List.of(table("users")), Map.of());
        assertThat(layouts.tables().get(0)).isSameAs(first);
        assertThat(layouts.readable(first.layout())).isSameAs(first);
    }

    /** As where a pattern matches tables that are made and dropped each hour. */
    @Test
    void ofThousandsOfTablesThatCameAndWentOnlyTheLatestStayReadable() {
        for (int i = 0; i < 3_000; i++) {
            layouts.update(List.of(table("hour" + i), table("users")), Map.of("layout" + i, "public.hour" + i));
        }
        assertThat(layouts.inUse()).hasSize(1_002);
        assertThat(layouts.readable(table("hour2500").layout())).isNotNull();
        assertThat(layouts.readable(table("users").layout())).isNotNull();
        assertThat(layouts.readable(table("hour100").layout())).isNull();
    }

    private static WatchedTable table(String name) {
        TableShape shape = new TableShape(
                1, new TableName("public", name), "postgres", List.of(ID), List.of(ID), TableShape.Triggers.STATEMENT);
        return new WatchedTable(
                shape, List.of(new TableWatcher(Set.of(Event.INSERTED), List.of(), null, Map.of(Event.INSERTED, "t"))));
    }
}
