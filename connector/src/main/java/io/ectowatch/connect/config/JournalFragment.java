package io.ectowatch.connect.config;

import io.ectowatch.connect.config.validation.FixedSetRecommender;
import io.ectowatch.connect.config.validation.Validators;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings of the journal, which only durable delivery uses. */
public final class JournalFragment {

    public static final String MAX_BYTES_CONFIG = "journal.max.bytes";
    public static final long MAX_BYTES_DEFAULT = 1L << 30;
    private static final long MAX_BYTES_LEAST = 1L << 20;
    static final String MAX_BYTES_DOC =
            "The largest size of the journal in the database, in bytes. A journal that is not"
                    + " read must not fill the disk: at this size it suspends itself, and further changes are lost."
                    + " When the connector is back, each watcher publishes a resync record.";

    public static final String LEASE_CONFIG = "journal.lease.ms";
    public static final long LEASE_DEFAULT = 3L * 24 * 60 * 60 * 1000;
    private static final long LEASE_LEAST = 60_000;
    static final String LEASE_DOC = "How long the triggers write to the journal while no task reads it, in"
            + " milliseconds. After that the journal suspends itself, as when it is full.";

    public static final String DOORBELL_CONFIG = "doorbell";
    static final String DOORBELL_DOC =
            "Whether triggers wake a waiting task with NOTIFY. PostgreSQL rejects PREPARE TRANSACTION in a transaction"
                    + " that has notified. on: triggers send a NOTIFY, but only while the task waits. off: they never"
                    + " do. The task reads the journal every few milliseconds while there are changes, and less often"
                    + " when idle. auto: on if the server has max_prepared_transactions = 0, which is PostgreSQL's"
                    + " default; otherwise off. notify is an old name of on.";

    private static final String GROUP = "Journal";

    private final AbstractConfig config;

    JournalFragment(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef definition) {
        int order = 0;
        definition
                .define(
                        MAX_BYTES_CONFIG,
                        Type.LONG,
                        MAX_BYTES_DEFAULT,
                        Validators.atLeast(MAX_BYTES_LEAST),
                        Importance.MEDIUM,
                        MAX_BYTES_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Journal size (bytes)")
                .define(
                        LEASE_CONFIG,
                        Type.LONG,
                        LEASE_DEFAULT,
                        Validators.atLeast(LEASE_LEAST),
                        Importance.LOW,
                        LEASE_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Journal lease (ms)")
                .define(
                        DOORBELL_CONFIG,
                        Type.STRING,
                        BellMode.AUTO.text(),
                        ConfigDef.ValidString.in(BellMode.accepted()),
                        Importance.LOW,
                        DOORBELL_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Doorbell",
                        new FixedSetRecommender(BellMode.names()));
    }

    /** The size at which the journal suspends itself, in bytes. */
    public long maxBytes() {
        return config.getLong(MAX_BYTES_CONFIG);
    }

    /** How long the journal stays active without a reader, in milliseconds. */
    public long leaseMs() {
        return config.getLong(LEASE_CONFIG);
    }

    /** Whether a NOTIFY wakes a waiting task. */
    public BellMode bell() {
        return BellMode.of(config.getString(DOORBELL_CONFIG)).orElseThrow();
    }
}
