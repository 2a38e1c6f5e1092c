package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.TableName;
import io.ectowatch.connect.postgres.SqlText;

/**
 * The names of all that one connector makes in the database. Each holds the connector's name, so that connectors can
 * live side by side, and fits PostgreSQL's 63 bytes.
 *
 * @param connector the connector's name
 * @param schema the value of {@code database.schema}
 */
public record ObjectNames(String connector, String schema) {

    /** How many tables the journal has, written one after another. */
    public static final int JOURNAL_TABLES = 3;

    private static final String READ_TRIGGERS = """
            SELECT t.tgrelid::int8, hashtextextended(string_agg(
                concat_ws(' ', t.oid, t.xmin, t.tgenabled, p.xmin, c.relnamespace, c.relname, i.indkey), ',' ORDER BY t.oid), 0)
            FROM pg_namespace AS n
            JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.prorettype = 'trigger'::regtype
            JOIN pg_depend AS d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
                               AND d.classid = 'pg_trigger'::regclass
            JOIN pg_trigger AS t ON t.oid = d.objid
            LEFT JOIN pg_trigger AS r ON r.oid = t.tgparentid
            JOIN pg_class AS c ON c.oid = t.tgrelid
            LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
            WHERE n.nspname = %s AND starts_with(obj_description(p.oid, 'pg_proc'), %s)
              AND (t.tgparentid = 0 OR t.tgenabled <> r.tgenabled)  -- clones come and go with partitions
            GROUP BY t.tgrelid
            """;

    /** The channel that the triggers notify and the task listens on, unquoted. */
    public String channel() {
        return SqlText.name("ectowatch", connector);
    }

    /** The sequence that counts statements whose changes could not even be announced; see {@code docs/notify.md}. */
    String lostSequence() {
        return SqlText.name(connector, "lost");
    }

    /**
     * The statement that reads {@link #lostSequence()}. One row: a text that differs after each loss, the oldest open
     * transaction, and what the next one to begin will be at least.
     */
    public String readLost() {
        return "SELECT last_value::text || is_called::text, pg_snapshot_xmin(s)::text::int8,"
                + " pg_snapshot_xmax(s)::text::int8 + age(pg_snapshot_xmax(s)::xid) FROM "
                + SqlText.identifier(schema, lostSequence()) + ", pg_current_snapshot() AS s";
    }

    /**
     * The statement that reads what becomes of the connector's triggers and their tables: for each table its OID, and a
     * number that differs once a trigger, or its function, is dropped, replaced, disabled, or disabled and enabled again,
     * or the table is renamed or given another primary key. Index scans only.
     */
    public String readTriggers() {
        return READ_TRIGGERS.formatted(SqlText.literal(schema), SqlText.literal(Marker.beginning(connector)));
    }

    /**
     * The statement by which a session says that the connector is at work, as long as it lasts: one row, false while the
     * connector is being removed.
     */
    String comeIn() {
        return "SELECT pg_try_advisory_lock_shared(" + UninstallFunction.presence(schema, SqlText.literal(connector))
                + ")";
    }

    String function(TableName table, Operation operation) {
        return SqlText.name(connector, table.schema(), table.table(), operation.text());
    }

    /** The function that tells whether a change of the table counts for that watcher, such as {@code watchers.contact}. */
    String condition(TableName table, String watcher) {
        // What stands behind the last dot is unique, and has none: no hash is needed to keep the name's parts apart.
        String last = watcher.substring(watcher.lastIndexOf('.') + 1);
        return SqlText.name(connector, table.schema(), table.table(), "when", last);
    }

    /**
     * A trigger's name is local to its table. One that PostgreSQL clones to partitions meets others there: so that it
     * gets in nobody's way, least of all of ATTACH PARTITION, it holds the name of the table that it comes from.
     */
    String trigger(TableShape table, Operation operation) {
        return operation.forEachRow(table.triggers())
                ? SqlText.name(
                        "ectowatch",
                        connector,
                        table.name().schema(),
                        table.name().table(),
                        operation.text())
                : SqlText.name("ectowatch", connector, operation.text());
    }

    /** A name of the schema's, as a {@code regclass} constant: looked up when the statement is planned, not each time. */
    String regclass(String name) {
        return SqlText.literal(SqlText.identifier(schema, name)) + "::regclass";
    }

    /** One of the journal's tables, quoted and qualified, as everything of the journal's below. */
    public String journal(int table) {
        return SqlText.identifier(schema, journalTable(table));
    }

    String journalTable(int table) {
        return SqlText.name(connector, "journal", Integer.toString(table));
    }

    /** The sequence whose value tells triggers where to write: see {@code journal-body.sql}. */
    public String ring() {
        return SqlText.identifier(schema, ringSequence());
    }

    String ringSequence() {
        return SqlText.name(connector, "ring");
    }

    /** The sequence whose value is the number of the further table that triggers write to: see {@link SpareTables}. */
    public String spare() {
        return SqlText.identifier(schema, spareSequence());
    }

    String spareSequence() {
        return SqlText.name(connector, "spare");
    }

    /** The sequence whose value is the time, in seconds since 1970, until which the connector is trusted to come. */
    public String lease() {
        return SqlText.identifier(schema, leaseSequence());
    }

    String leaseSequence() {
        return SqlText.name(connector, "lease");
    }

    /** The table of how the watched tables looked last. */
    public String watched() {
        return SqlText.identifier(schema, watchedTable());
    }

    String watchedTable() {
        return SqlText.name(connector, "watched");
    }

    /** The statement that puts a resync of a layout's table into the journal: a row like those of the triggers. */
    public String writeResync(int layout) {
        return "SELECT " + SqlText.identifier(schema, appendFunction()) + "(coalesce(pg_sequence_last_value("
                + regclass(ringSequence()) + "), 0), " + layout + ", 'r', 'null', 0)";
    }

    /** The table of what the rows of each layout hold. */
    public String layouts() {
        return SqlText.identifier(schema, layoutsTable());
    }

    String layoutsTable() {
        return SqlText.name(connector, "layouts");
    }

    /** The table with the token of the task that may change the journal, and with how far it has been emptied. */
    public String owner() {
        return SqlText.identifier(schema, ownerTable());
    }

    String ownerTable() {
        return SqlText.name(connector, "owner");
    }

    /** The sequence that counts losses. */
    public String lost() {
        return SqlText.identifier(schema, lostSequence());
    }

    /** The statement that says that something was lost just now. */
    public String setLost() {
        return "SELECT setval(" + SqlText.literal(lost())
                + ", (date_part('epoch', clock_timestamp()) * 1000000)::bigint)";
    }

    /** The beginning of the statement that says that the connector is trusted to come for so many milliseconds more. */
    public String setLease(long milliseconds) {
        return "SELECT setval(" + SqlText.literal(lease()) + ", (date_part('epoch', clock_timestamp()) + "
                + milliseconds / 1000 + ")::int8)";
    }

    /** The advisory lock that a sleeping task holds: two integers, separated by a comma. */
    public String bellKey() {
        String hash = SqlText.hash(16, "bell", schema, connector);
        return Integer.parseUnsignedInt(hash.substring(0, 8), 16) + ", "
                + Integer.parseUnsignedInt(hash.substring(8), 16);
    }

    String appendFunction() {
        return SqlText.name(connector, "append");
    }

    String guardFunction() {
        return SqlText.name(connector, "guard");
    }

    String orderFunction() {
        return SqlText.name(connector, "order");
    }

    /** The setting in which a transaction keeps what the triggers of that table have fired for. */
    String memorySetting(TableName table) {
        return "ectowatch.m" + SqlText.hash(16, "memory", schema, connector, table.schema(), table.table());
    }

    /** The setting in which a statement keeps which places its journal rows take. */
    String placesSetting() {
        return "ectowatch.p" + SqlText.hash(16, "places", schema, connector);
    }
}
