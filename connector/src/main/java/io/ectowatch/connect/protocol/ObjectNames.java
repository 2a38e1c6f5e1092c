package io.ectowatch.connect.protocol;

import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.postgres.XidSnapshot;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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

    /** The maximum number of spare journal tables at a time. */
    public static final int SPARE_TABLES = 16;

    /** Only one connector of a database installs at a time, since connectors may share the schema: an advisory lock. */
    public static final String INSTALL_KEY = "hashtext('ectowatch.install')";

    /** The types of the arguments of {@link #readFunction}, as {@code oidvectortypes} returns them. */
    public static final String READ_ARGUMENTS = "text[], integer";

    /** The channel for the triggers' notifications, unquoted. */
    public String channel() {
        return SqlText.name("ectowatch", connector);
    }

    /**
     * The sequence with the time of the last loss: when a change could be neither written nor announced; see {@code
     * docs/notify.md}.
     */
    public String lostSequence() {
        return SqlText.name(connector, "lost");
    }

    /**
     * The statement that reads {@link #lostSequence()}. One row: a text that changes with each loss, the oldest open
     * transaction, and the lowest possible number of the next one.
     */
    public String readLost() {
        return "SELECT last_value::text || is_called::text, pg_snapshot_xmin(s)::text::int8,"
                + " " + XidSnapshot.NEXT_XID + " FROM "
                + SqlText.identifier(schema, lostSequence()) + ", pg_current_snapshot() AS s";
    }

    /**
     * The statement by which a session takes the presence lock until it ends: one row, false while the connector is
     * being removed.
     */
    public String acquirePresenceLock() {
        return "SELECT pg_try_advisory_lock_shared(" + presenceKey(schema, SqlText.literal(connector)) + ")";
    }

    /** The function that the table's trigger calls for an {@code operation}, such as {@code insert}. */
    public String function(TableName table, String operation) {
        return SqlText.name(connector, table.schema(), table.table(), operation);
    }

    /**
     * The function that says whether that watcher publishes a change of the table. {@code watcher} is its name, such
     * as {@code watchers.contact}.
     */
    public String condition(TableName table, String watcher) {
        // The part after the last dot is unique and contains no dot, so the name needs no hash to separate its parts.
        String last = watcher.substring(watcher.lastIndexOf('.') + 1);
        return SqlText.name(connector, table.schema(), table.table(), "when", last);
    }

    /**
     * A trigger's name is local to its table. A trigger that PostgreSQL clones to partitions meets other triggers
     * there. So that it collides with none of them, for example in ATTACH PARTITION, it contains the name of its
     * original table.
     */
    public String trigger(TableName table, String operation, boolean forEachRow) {
        return forEachRow
                ? SqlText.name("ectowatch", connector, table.schema(), table.table(), operation)
                : SqlText.name("ectowatch", connector, operation);
    }

    /** A name in the schema as a {@code regclass} constant: looked up when the statement is planned, not each time. */
    public String regclass(String name) {
        return SqlText.literal(SqlText.identifier(schema, name)) + "::regclass";
    }

    /** One of the journal's tables, quoted and qualified, like all names of the journal below. */
    public String journal(int table) {
        return SqlText.identifier(schema, journalTable(table));
    }

    public String journalTable(int table) {
        return SqlText.name(connector, "journal", Integer.toString(table));
    }

    /** The sequence whose value tells triggers where to write: see {@code durable.sql}. */
    public String ring() {
        return SqlText.identifier(schema, ringSequence());
    }

    public String ringSequence() {
        return SqlText.name(connector, "ring");
    }

    /** The sequence with the number of the spare table that triggers write to: which {@code docs/formats.md} describes. */
    public String spare() {
        return SqlText.identifier(schema, spareSequence());
    }

    public String spareSequence() {
        return SqlText.name(connector, "spare");
    }

    /** The sequence with the end of the connector's lease, in seconds since 1970. */
    public String lease() {
        return SqlText.identifier(schema, leaseSequence());
    }

    public String leaseSequence() {
        return SqlText.name(connector, "lease");
    }

    /** The table with the last known state of the watched tables. */
    public String watched() {
        return SqlText.identifier(schema, watchedTable());
    }

    public String watchedTable() {
        return SqlText.name(connector, "watched");
    }

    /** The statement that writes a resync of a layout's table to the journal: a row like those of the triggers. */
    public String writeResync(int layout) {
        return writeRow(layout, EventCode.RESYNC.sql(), "'null'");
    }

    /** The statement that writes a row of the task to the journal. {@code letter} and {@code body} are SQL. */
    String writeRow(int layout, String letter, String body) {
        return "SELECT " + SqlText.identifier(schema, appendFunction()) + "(coalesce(pg_sequence_last_value("
                + regclass(ringSequence()) + "), 0), " + layout + ", " + letter + ", " + body + ", 0)";
    }

    /** The function that requests and stops backfills. */
    public String backfillFunction() {
        return SqlText.name(connector, "backfill");
    }

    /** The function that reads the rows of a table for backfills, if another role has installed the connector's objects. */
    public String readFunction(TableName table) {
        return SqlText.name(connector, table.schema(), table.table(), "read");
    }

    /** As {@link #writeResync}, of a layout that may be registered: by its hash. */
    public String writeResyncOf(String layout) {
        return "SELECT " + SqlText.identifier(schema, appendFunction()) + "(coalesce(pg_sequence_last_value("
                + regclass(ringSequence()) + "), 0), l.id, " + EventCode.RESYNC.sql() + ", 'null', 0) FROM "
                + layouts() + " AS l WHERE l.layout = " + SqlText.literal(layout);
    }

    /** The table of what the rows of each layout hold. */
    public String layouts() {
        return SqlText.identifier(schema, layoutsTable());
    }

    public String layoutsTable() {
        return SqlText.name(connector, "layouts");
    }

    /** The table with the backfills that have not ended, for the view "status". */
    public String openBackfills() {
        return SqlText.identifier(schema, openBackfillsTable());
    }

    public String openBackfillsTable() {
        return SqlText.name(connector, "backfills");
    }

    /** The table with the token of the task that may change the journal, and how far it has been emptied. */
    public String owner() {
        return SqlText.identifier(schema, ownerTable());
    }

    public String ownerTable() {
        return SqlText.name(connector, "owner");
    }

    /** The sequence with the time of the last loss, in microseconds since 1970; its last digit is a {@link LossCause}. */
    public String lost() {
        return SqlText.identifier(schema, lostSequence());
    }

    /** The statement by which the task records a loss at the current time. */
    public String setLost() {
        return "SELECT setval(" + SqlText.literal(lost()) + ", " + LossCause.TASK.now() + ")";
    }

    /** The statement of PL/pgSQL, without its semicolon, that records a loss at the current time. */
    public String recordLoss() {
        return recordLoss(regclass(lostSequence()), LossCause.TRIGGER.now());
    }

    /** The same with the sequence's name as a text. */
    public String recordLossByName() {
        return recordLoss(SqlText.literal(lost()), LossCause.TRIGGER.now());
    }

    /** As {@link #recordLoss()}, because the journal is suspended: it is full if the condition holds. */
    public String recordSuspension(String full) {
        return recordLoss(regclass(lostSequence()), LossCause.nowFullIf(full));
    }

    private static String recordLoss(String sequence, String time) {
        return "PERFORM setval(\n    " + sequence + ",\n    " + time + ")";
    }

    /** The beginning of the statement that extends the lease to so many milliseconds from now. */
    public String setLease(long milliseconds) {
        return "SELECT setval(" + SqlText.literal(lease()) + ", (date_part('epoch', clock_timestamp()) + "
                + milliseconds / 1000 + ")::int8)";
    }

    /**
     * The advisory lock that a connector's sessions share while it runs, and that its removal takes exclusively;
     * {@code connector} is an SQL expression for its name.
     */
    public static String presenceKey(String schema, String connector) {
        return "hashtextextended('ectowatch.present.' || " + SqlText.literal(schema) + " || '.' || " + connector
                + ", 0)";
    }

    /** The advisory lock that a waiting task holds: two integers, separated by a comma. */
    public String bellKey() {
        String hash = SqlText.hash(16, "bell", schema, connector);
        return Integer.parseUnsignedInt(hash.substring(0, 8), 16) + ", "
                + Integer.parseUnsignedInt(hash.substring(8), 16);
    }

    public String appendFunction() {
        return SqlText.name(connector, "append");
    }

    public String guardFunction() {
        return SqlText.name(connector, "guard");
    }

    /** The function that tells whether the triggers can insert into the journal's tables. */
    public String fitFunction() {
        return SqlText.name(connector, "fit");
    }

    /** The function that gives times, sizes and counters of the connector for the view "status". */
    public String factsFunction() {
        return SqlText.name(connector, "facts");
    }

    /** The function that gives what a transaction says about its changes. */
    public String contextFunction() {
        return SqlText.name(connector, "context");
    }

    public String orderFunction() {
        return SqlText.name(connector, "order");
    }

    /** The setting in which a transaction remembers for what the triggers of that table have fired. */
    public String memorySetting(TableName table) {
        return "ectowatch.m" + SqlText.hash(16, "memory", schema, connector, table.schema(), table.table());
    }

    /** The setting in which a transaction remembers the keys that its statements have made, if the key is deferrable. */
    public String keysSetting(TableName table) {
        return "ectowatch.k" + SqlText.hash(16, "keys", schema, connector, table.schema(), table.table());
    }

    /** The setting in which a statement remembers the LSNs of its journal rows. */
    public String placesSetting() {
        return "ectowatch.p" + SqlText.hash(16, "places", schema, connector);
    }

    /** The names of the spare journal tables as an SQL array: the first has the number {@link #JOURNAL_TABLES}. */
    public String spareTables() {
        return IntStream.range(JOURNAL_TABLES, JOURNAL_TABLES + SPARE_TABLES)
                .mapToObj(table -> SqlText.literal(journal(table)))
                .collect(Collectors.joining(",\n    ", "ARRAY[\n    ", "\n]"));
    }
}
