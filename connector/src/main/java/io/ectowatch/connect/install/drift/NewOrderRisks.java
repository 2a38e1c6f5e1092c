package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.catalog.OrderRisk;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tables whose triggers did not know of a risk to the order of changes, until that is announced. It is announced only
 * when their triggers know of it: before that, more changes may come in the wrong order. Belongs to one thread.
 */
final class NewOrderRisks {

    private final Set<Long> tables = new HashSet<>();

    /** Adds the tables that have a risk now and did not have it before. */
    void add(List<WatchedTable> before, List<WatchedTable> now) {
        Map<Long, Set<OrderRisk>> known = new HashMap<>();
        before.forEach(table -> known.put(table.shape().oid(), table.shape().risks()));
        now.stream()
                .map(WatchedTable::shape)
                .filter(shape -> !known.getOrDefault(shape.oid(), shape.risks()).containsAll(shape.risks()))
                .map(TableShape::oid)
                .forEach(tables::add);
    }

    /** The OIDs of the tables. */
    Set<Long> tables() {
        return tables;
    }

    void announced() {
        tables.clear();
    }
}
