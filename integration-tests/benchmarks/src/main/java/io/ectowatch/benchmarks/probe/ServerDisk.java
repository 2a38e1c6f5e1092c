package io.ectowatch.benchmarks.probe;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;

/** Disk use of the server. */
public final class ServerDisk {

    private final Environment environment;

    public ServerDisk(Environment environment) {
        this.environment = environment;
    }

    /** The current WAL position in bytes. */
    public long log() throws SQLException {
        return environment.number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
    }

    /** The size of the WAL that replication slots retain, in bytes. */
    public long logKeptForSlots() throws SQLException {
        return environment.number(
                "SELECT coalesce(max(pg_current_wal_insert_lsn() - restart_lsn), 0) FROM pg_replication_slots");
    }

    /** The size of all tables and indexes in EctoWatch's schema, in bytes. */
    public long journal() throws SQLException {
        return environment.number("""
                SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'ectowatch' AND c.relkind = 'r' AND c.relname LIKE '%journal%'
                """);
    }
}
