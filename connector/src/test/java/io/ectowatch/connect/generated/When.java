package io.ectowatch.connect.generated;

import io.ectowatch.connect.generated.GeneratedTable.Column;
import java.util.Objects;

/** A condition of a watcher, over one integer column; in SQL, and as Java sees it. */
enum When {
    EVEN("coalesce(NEW.%1$s, OLD.%1$s) %% 2 = 0") {
        @Override
        boolean holds(Integer now, Integer before) {
            Integer one = first(now, before);
            return one != null && one % 2 == 0;
        }
    },
    CHANGED("OLD.%1$s IS DISTINCT FROM NEW.%1$s") {
        @Override
        boolean holds(Integer now, Integer before) {
            return !Objects.equals(now, before);
        }
    },
    LARGE("NEW.%1$s > 3 OR OLD.%1$s > 3") {
        @Override
        boolean holds(Integer now, Integer before) {
            return now != null && now > 3 || before != null && before > 3;
        }
    },
    /** Fails for 0: such a change is published. */
    FAILING("10 / coalesce(NEW.%1$s, OLD.%1$s) > 2") {
        @Override
        boolean holds(Integer now, Integer before) {
            Integer one = first(now, before);
            return one != null && (one == 0 || 10 / one > 2);
        }
    },
    ABSENT("coalesce(NEW.%1$s, OLD.%1$s) IS NULL OR NEW.%1$s < OLD.%1$s") {
        @Override
        boolean holds(Integer now, Integer before) {
            return first(now, before) == null || now != null && before != null && now < before;
        }
    };

    private final String sql;

    When(String sql) {
        this.sql = sql;
    }

    String sql(Column column) {
        return sql.formatted(column.sql());
    }

    /** Whether the change is published, if the column has these values; null also stands for no row. */
    abstract boolean holds(Integer now, Integer before);

    private static Integer first(Integer one, Integer other) {
        return one != null ? one : other;
    }
}
