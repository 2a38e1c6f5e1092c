package io.ectowatch.connect.config;

import io.ectowatch.connect.config.names.Identifier;
import io.ectowatch.connect.config.names.SpellingSuggestion;
import io.ectowatch.connect.config.validation.FixedSetRecommender;
import io.ectowatch.connect.config.validation.Validators;
import java.util.List;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings for the way of changes from the database to the task. */
public final class DeliveryFragment {

    public static final String MODE_CONFIG = "delivery.mode";
    static final String MODE_DOC = "How changes get from the database to the task. durable: through a journal, a few"
            + " small tables in the database. No committed change is lost (at-least-once): after a crash some may be"
            + " published again, with the same id, unless the worker runs exactly-once. notify: in the payload of a"
            + " NOTIFY. Nothing is stored in the database, and changes made while the connector is down are lost."
            + " After each such gap each watcher publishes a resync record, which tells consumers to read the table"
            + " again. Any role that can connect to the database can read these notifications and can send forged"
            + " ones. Use durable if roles must not be able to do that.";

    public static final String SCHEMA_CONFIG = "database.schema";
    public static final String SCHEMA_DEFAULT = "ectowatch";
    static final String SCHEMA_DOC = "The schema for the connector's own objects. Write its exact name, without quotes."
            + " It is created if it does not exist. Several connectors may share a schema.";

    public static final String BATCH_MAX_RECORDS_CONFIG = "batch.max.records";
    public static final int BATCH_MAX_RECORDS_DEFAULT = 2_000;
    static final String BATCH_MAX_RECORDS_DOC = "The largest number of records that one poll() returns to Connect.";

    public static final String NOTIFY_QUEUE_MAX_BYTES_CONFIG = "notify.queue.max.bytes";
    public static final long NOTIFY_QUEUE_MAX_BYTES_DEFAULT = 64L << 20;
    private static final long NOTIFY_QUEUE_MAX_BYTES_LEAST = 1L << 20;
    static final String NOTIFY_QUEUE_MAX_BYTES_DOC =
            "The memory for notifications that wait while the task is paused or"
                    + " Kafka is slow, in bytes. When it is full, further notifications are dropped, so that the"
                    + " database never has to wait. The loss is counted and logged, and each watcher publishes a"
                    + " resync record afterwards.";

    public static final String TABLE_POLL_INTERVAL_CONFIG = "table.poll.interval.ms";
    public static final long TABLE_POLL_INTERVAL_DEFAULT = 60_000;
    static final String TABLE_POLL_INTERVAL_DOC =
            "How often to check for new tables that match a pattern and for columns that have"
                    + " changed, in milliseconds. Dropped or disabled triggers are noticed within five"
                    + " seconds, independent of this setting.";

    public static final String ON_TABLE_ERROR_CONFIG = "on.table.error";
    static final String ON_TABLE_ERROR_DOC =
            "What the task does if it cannot watch one of its tables: the table was dropped or renamed, has lost its primary"
                    + " key or a column that a watcher names, the role lacks a privilege, or with install.mode=verify its triggers are"
                    + " missing. continue: the task watches the other tables, logs a warning, and retries this table every table.poll.interval.ms. When the table can"
                    + " be watched again, its watchers get a resync record. The metric tables-in-trouble counts such tables."
                    + " fail: the task fails. A new configuration is refused in either case if it names a table that the"
                    + " connector has not watched before and cannot watch.";

    public static final String DDL_LOCK_TIMEOUT_CONFIG = "ddl.lock.timeout.ms";
    public static final int DDL_LOCK_TIMEOUT_DEFAULT = 200;
    static final String DDL_LOCK_TIMEOUT_DOC =
            "The longest time that CREATE TRIGGER and other DDL on a table wait for locks, in milliseconds, for the"
                    + " table and all its partitions together. So this is also the longest time that the application's"
                    + " writers queue behind it. The DDL is retried, with pauses, until it succeeds: a long"
                    + " transaction delays the connector, not the application.";

    private static final String GROUP = "Delivery";

    /** The settings that have an effect in one of the modes only. */
    private static final List<String> OF_ONE_MODE = List.of(
            NOTIFY_QUEUE_MAX_BYTES_CONFIG,
            JournalFragment.MAX_BYTES_CONFIG,
            JournalFragment.LEASE_CONFIG,
            JournalFragment.DOORBELL_CONFIG,
            BackfillFragment.BACKFILL_CONFIG,
            RecordFragment.LSN_CONFIG);

    private final AbstractConfig config;

    DeliveryFragment(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef definition) {
        int order = 0;
        definition
                .define(
                        MODE_CONFIG,
                        Type.STRING,
                        DeliveryMode.DURABLE.text(),
                        Validators.of(
                                String.class, String.join(", ", DeliveryMode.names()), DeliveryFragment::parseMode),
                        Importance.HIGH,
                        MODE_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Delivery",
                        OF_ONE_MODE,
                        new FixedSetRecommender(DeliveryMode.names()))
                .define(
                        SCHEMA_CONFIG,
                        Type.STRING,
                        SCHEMA_DEFAULT,
                        Validators.of(
                                String.class,
                                "a name of 1 to " + Identifier.MAX_BYTES + " bytes that does not begin with pg_",
                                DeliveryFragment::checkSchema),
                        Importance.MEDIUM,
                        SCHEMA_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Schema of the connector's objects")
                .define(
                        BATCH_MAX_RECORDS_CONFIG,
                        Type.INT,
                        BATCH_MAX_RECORDS_DEFAULT,
                        Validators.atLeast(1),
                        Importance.LOW,
                        BATCH_MAX_RECORDS_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Batch size (records)")
                .define(
                        NOTIFY_QUEUE_MAX_BYTES_CONFIG,
                        Type.LONG,
                        NOTIFY_QUEUE_MAX_BYTES_DEFAULT,
                        Validators.atLeast(NOTIFY_QUEUE_MAX_BYTES_LEAST),
                        Importance.LOW,
                        NOTIFY_QUEUE_MAX_BYTES_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Notification queue (bytes)")
                .define(
                        TABLE_POLL_INTERVAL_CONFIG,
                        Type.LONG,
                        TABLE_POLL_INTERVAL_DEFAULT,
                        Validators.atLeast(1_000),
                        Importance.LOW,
                        TABLE_POLL_INTERVAL_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Table poll interval (ms)")
                .define(
                        ON_TABLE_ERROR_CONFIG,
                        Type.STRING,
                        OnTableError.CONTINUE.text(),
                        Validators.of(
                                String.class,
                                String.join(", ", OnTableError.names()),
                                DeliveryFragment::parseOnTableError),
                        Importance.MEDIUM,
                        ON_TABLE_ERROR_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "On table error",
                        new FixedSetRecommender(OnTableError.names()))
                .define(
                        DDL_LOCK_TIMEOUT_CONFIG,
                        Type.INT,
                        DDL_LOCK_TIMEOUT_DEFAULT,
                        Validators.between(10, 5_000),
                        Importance.LOW,
                        DDL_LOCK_TIMEOUT_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "DDL lock timeout (ms)");
    }

    private static DeliveryMode parseMode(String text) {
        return DeliveryMode.of(text)
                .orElseThrow(() ->
                        new IllegalArgumentException("It must be one of " + String.join(", ", DeliveryMode.names())
                                + "." + SpellingSuggestion.hint(text, DeliveryMode.names())));
    }

    private static OnTableError parseOnTableError(String text) {
        return OnTableError.of(text)
                .orElseThrow(() -> new IllegalArgumentException("The value " + text + " is not valid."
                        + SpellingSuggestion.hint(text, OnTableError.names()) + " Use "
                        + String.join(" or ", OnTableError.names()) + "."));
    }

    private static void checkSchema(String schema) {
        if (schema.isEmpty()) {
            throw new IllegalArgumentException("It must not be empty.");
        }
        Identifier.obstacle(schema).ifPresent(obstacle -> {
            throw new IllegalArgumentException("It " + obstacle + ".");
        });
        if (schema.startsWith("pg_") || schema.equals("information_schema")) {
            throw new IllegalArgumentException(
                    schema + " is reserved for PostgreSQL. The name must not begin with pg_ and must not be"
                            + " information_schema.");
        }
    }

    public DeliveryMode mode() {
        return parseMode(config.getString(MODE_CONFIG));
    }

    /** The exact name of the schema for the connector's own objects. */
    public String schema() {
        return config.getString(SCHEMA_CONFIG);
    }

    /** The largest number of records that one poll returns, at least 1. */
    public int batchMaxRecords() {
        return config.getInt(BATCH_MAX_RECORDS_CONFIG);
    }

    /** The memory for waiting notifications, in bytes. */
    public long notifyQueueMaxBytes() {
        return config.getLong(NOTIFY_QUEUE_MAX_BYTES_CONFIG);
    }

    /** How often to read the catalog again, in milliseconds. */
    public long tablePollMs() {
        return config.getLong(TABLE_POLL_INTERVAL_CONFIG);
    }

    /** What to do if a table cannot be watched. */
    public OnTableError onTableError() {
        return parseOnTableError(config.getString(ON_TABLE_ERROR_CONFIG));
    }

    /** The longest time that DDL waits for a table's lock, in milliseconds. */
    public int ddlLockTimeoutMs() {
        return config.getInt(DDL_LOCK_TIMEOUT_CONFIG);
    }
}
