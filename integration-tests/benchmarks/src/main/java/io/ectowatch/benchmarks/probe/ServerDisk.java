package io.ectowatch.benchmarks.probe;

import io.ectowatch.benchmarks.Arena;
import java.sql.SQLException;

/** What is written and kept on the server's disk. */
public final class ServerDisk {

    private final Arena arena;

    public ServerDisk(Arena arena) {
        this.arena = arena;
    }

    /** How far the write-ahead log has been written, in bytes since the beginning of time. */
    public long log() throws SQLException {
        return arena.number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
    }

    /** How much of the write-ahead log is kept for slots, in bytes. */
    public long logKeptForSlots() throws SQLException {
        return arena.number(
                "SELECT coalesce(max(pg_current_wal_insert_lsn() - restart_lsn), 0) FROM pg_replication_slots");
    }

    /** The size of everything in EctoWatch's schema with its indexes, in bytes. */
    public long journal() throws SQLException {
        return arena.number("""
                SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'ectowatch' AND c.relkind = 'r' AND c.relname LIKE '%journal%'
                """);
    }
}
