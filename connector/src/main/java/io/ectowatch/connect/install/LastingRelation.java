package io.ectowatch.connect.install;

import io.ectowatch.connect.postgres.SqlText;
import java.util.ArrayList;
import java.util.List;

/**
 * A table or sequence that is made once and kept: what it holds is worth more than its definition.
 *
 * @param kind {@code TABLE} or {@code SEQUENCE}
 * @param name its name within {@code database.schema}
 * @param statements what makes it, each only where that has not been done
 */
record LastingRelation(String kind, String name, List<String> statements) {

    LastingRelation {
        statements = List.copyOf(statements);
    }

    /** What makes it and marks it as the connector's. */
    List<String> create(ObjectNames names) {
        List<String> all = new ArrayList<>(statements);
        all.add("COMMENT ON " + kind + " " + SqlText.identifier(names.schema(), name) + " IS "
                + SqlText.literal(Marker.of(names.connector()).comment()));
        return all;
    }
}
