package io.ectowatch.connect.install;

import java.util.List;
import java.util.Objects;

/**
 * Statements that belong together: they are run in one transaction, or not at all.
 *
 * @param purpose what it does, for the log, for example {@code install triggers on public.users}
 * @param lockedTable the OID of the table whose lock it needs, or 0 when it needs none
 * @param lock the kind of lock it needs there
 * @param statements the SQL
 */
record Step(String purpose, long lockedTable, Lock lock, List<String> statements) {

    /** The table locks that our DDL takes, with the ones that stand in their way (PG docs, explicit-locking). */
    enum Lock {
        NONE(),
        /** CREATE TRIGGER. */
        SHARE_ROW_EXCLUSIVE(
                "RowExclusiveLock",
                "ShareUpdateExclusiveLock",
                "ShareLock",
                "ShareRowExclusiveLock",
                "ExclusiveLock",
                "AccessExclusiveLock"),
        /** DROP TRIGGER, and so dropping a function with its triggers. */
        ACCESS_EXCLUSIVE(
                "AccessShareLock",
                "RowShareLock",
                "RowExclusiveLock",
                "ShareUpdateExclusiveLock",
                "ShareLock",
                "ShareRowExclusiveLock",
                "ExclusiveLock",
                "AccessExclusiveLock");

        private final List<String> obstacles;

        Lock(String... obstacles) {
            this.obstacles = List.of(obstacles);
        }

        /** The modes, as {@code pg_locks} names them, whose holders this lock has to wait for. */
        List<String> obstacles() {
            return obstacles;
        }
    }

    Step {
        Objects.requireNonNull(purpose, "purpose");
        Objects.requireNonNull(lock, "lock");
        statements = List.copyOf(statements);
    }
}
