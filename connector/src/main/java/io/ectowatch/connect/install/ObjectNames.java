package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.TableName;
import io.ectowatch.connect.postgres.SqlText;

/**
 * The names of all objects that one connector creates in the database. Each contains the connector's name, so that
 * connectors do not collide, and fits PostgreSQL's 63 bytes.
 *
 * @param connector the connector's name
 * @param schema the value of {@code database.schema}
 */
public record ObjectNames(String connector, String schema) {

    /** The number of the journal's tables, which are written to in turn. */
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

    /** The channel for the triggers' notifications, unquoted. */
    public String channel() {
        return SqlText.name("ectowatch", connector);
    }

    /**
     * The sequence with the time of the last loss: when a change could be neither written nor announced; see {@code
     * docs/notify.md}.
     */
    String lostSequence() {
        return SqlText.name(connector, "lost");
    }

    /**
     * The statement that reads {@link #lostSequence()}. One row: a text that changes with each loss, the oldest open
     * transaction, and the lowest possible number of the next one.
     */
    public String readLost() {
        return "SELECT last_value::text || is_called::text, pg_snapshot_xmin(s)::text::int8,"
                + " pg_snapshot_xmax(s)::text::int8 + age(pg_snapshot_xmax(s)::xid) FROM "
                + SqlText.identifier(schema, lostSequence()) + ", pg_current_snapshot() AS s";
    }

    /**
     * The statement that reads the state of the connector's triggers and their tables: for each table its OID, and a
     * number that changes when a trigger or its function is dropped, replaced, disabled, or disabled and enabled
     * again, or when the table is renamed or gets another primary key. Index scans only.
     */
    public String readTriggers() {
        return READ_TRIGGERS.formatted(SqlText.literal(schema), SqlText.literal(Marker.beginning(connector)));
    }

    /**
     * The statement by which a session takes the presence lock until it ends: one row, false while the connector is
     * being removed.
     */
    String comeIn() {
        return "SELECT pg_try_advisory_lock_shared(" + UninstallFunction.presence(schema, SqlText.literal(connector))
                + ")";
    }

    String function(TableName table, Operation operation) {
        return SqlText.name(connector, table.schema(), table.table(), operation.text());
    }

    /**
     * The function that says whether that watcher publishes a change of the table. {@code watcher} is its name, such
     * as {@code watchers.contact}.
     */
    String condition(TableName table, String watcher) {
        // The part after the last dot is unique and contains no dot, so the name needs no hash to separate its parts.
        String last = watcher.substring(watcher.lastIndexOf('.') + 1);
        return SqlText.name(connector, table.schema(), table.table(), "when", last);
    }

    /**
     * A trigger's name is local to its table. A trigger that PostgreSQL clones to partitions meets other triggers
     * there. So that it collides with none of them, for example in ATTACH PARTITION, it contains the name of its
     * original table.
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

    /** A name in the schema as a {@code regclass} constant: looked up when the statement is planned, not each time. */
    String regclass(String name) {
        return SqlText.literal(SqlText.identifier(schema, name)) + "::regclass";
    }

    /** One of the journal's tables, quoted and qualified, like all names of the journal below. */
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

    /** The sequence with the number of the additional table that triggers write to: see {@link SpareTables}. */
    public String spare() {
        return SqlText.identifier(schema, spareSequence());
    }

    String spareSequence() {
        return SqlText.name(connector, "spare");
    }

    /** The sequence with the end of the connector's lease, in seconds since 1970. */
    public String lease() {
        return SqlText.identifier(schema, leaseSequence());
    }

    String leaseSequence() {
        return SqlText.name(connector, "lease");
    }

    /** The table with the last known state of the watched tables. */
    public String watched() {
        return SqlText.identifier(schema, watchedTable());
    }

    String watchedTable() {
        return SqlText.name(connector, "watched");
    }

    /** The statement that writes a resync of a layout's table to the journal: a row like those of the triggers. */
    public String writeResync(int layout) {
        return "SELECT " + SqlText.identifier(schema, appendFunction()) + "(coalesce(pg_sequence_last_value("
                + regclass(ringSequence()) + "), 0), " + layout + ", 'r', 'null', 0)";
    }

    /** The table with the contents of the rows of each layout. */
    public String layouts() {
        return SqlText.identifier(schema, layoutsTable());
    }

    String layoutsTable() {
        return SqlText.name(connector, "layouts");
    }

    /** The table with the token of the task that may change the journal, and how far it has been emptied. */
    public String owner() {
        return SqlText.identifier(schema, ownerTable());
    }

    String ownerTable() {
        return SqlText.name(connector, "owner");
    }

    /** The sequence with the time of the last loss, in microseconds since 1970. */
    public String lost() {
        return SqlText.identifier(schema, lostSequence());
    }

    /** The statement that records a loss at the current time. */
    public String setLost() {
        return "SELECT setval(" + SqlText.literal(lost())
                + ", (date_part('epoch', clock_timestamp()) * 1000000)::bigint)";
    }

    /** The beginning of the statement that extends the lease to so many milliseconds from now. */
    public String setLease(long milliseconds) {
        return "SELECT setval(" + SqlText.literal(lease()) + ", (date_part('epoch', clock_timestamp()) + "
                + milliseconds / 1000 + ")::int8)";
    }

    /** The advisory lock that a waiting task holds: two integers, separated by a comma. */
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

    /** The function that tells whether the triggers can insert into the journal's tables. */
    String fitFunction() {
        return SqlText.name(connector, "fit");
    }

    String orderFunction() {
        return SqlText.name(connector, "order");
    }

    /** The setting in which a transaction remembers for what the triggers of that table have fired. */
    String memorySetting(TableName table) {
        return "ectowatch.m" + SqlText.hash(16, "memory", schema, connector, table.schema(), table.table());
    }

    /** The setting in which a statement remembers the LSNs of its journal rows. */
    String placesSetting() {
        return "ectowatch.p" + SqlText.hash(16, "places", schema, connector);
    }
}
