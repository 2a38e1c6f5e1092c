package io.ectowatch.connect.install.plan;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Statements that belong together: they run in one transaction, or not at all.
 *
 * @param purpose what it does, for the log, for example {@code install triggers on public.users}
 * @param lockedTables the OIDs of the tables whose locks it needs; may be empty
 * @param lock the strongest lock that it needs on them
 * @param statements the SQL
 * @param announcement a further statement for when changes of the table may have been lost; empty for none
 */
public record Step(
        String purpose, Set<Long> lockedTables, Lock lock, List<String> statements, Optional<String> announcement) {

    /** A step without an announcement. */
    public Step(String purpose, Set<Long> lockedTables, Lock lock, List<String> statements) {
        this(purpose, lockedTables, lock, statements, Optional.empty());
    }

    /** The table locks that DDL takes, with the locks that conflict with them (PG docs, explicit-locking). */
    public enum Lock {
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

        /** The lock modes that this lock has to wait for, with their names in {@code pg_locks}. */
        List<String> obstacles() {
            return obstacles;
        }
    }

    /** The step with its announcement, if it has one, among its statements. */
    public Step announcing() {
        return announcement
                .map(last -> new Step(
                        purpose,
                        lockedTables,
                        lock,
                        Stream.concat(statements.stream(), Stream.of(last)).toList()))
                .orElse(this);
    }

    /** Whether changes of a table are not captured before the step is done. */
    public boolean createsTriggers() {
        return statements.stream().anyMatch(statement -> statement.startsWith("CREATE OR REPLACE TRIGGER"));
    }

    /** Like {@link #createsTriggers}, for that table. */
    public boolean createsTriggersOn(long tableOid) {
        return createsTriggers() && lockedTables.contains(tableOid);
    }

    public Step {
        Objects.requireNonNull(purpose, "purpose");
        Objects.requireNonNull(lock, "lock");
        lockedTables = Set.copyOf(lockedTables);
        statements = List.copyOf(statements);
    }
}
