package io.ectowatch.connect.config;

import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings of the journal, which only durable delivery has. */
public final class JournalFragment {

    public static final String MAX_BYTES_CONFIG = "journal.max.bytes";
    public static final long MAX_BYTES_DEFAULT = 1L << 30;
    private static final long MAX_BYTES_LEAST = 1L << 20;
    static final String MAX_BYTES_DOC =
            "How large the journal may become in the database, in bytes. A journal that nobody"
                    + " reads must not fill the disk: beyond this size it suspends itself, and when the connector is back each"
                    + " watcher gets a resync record.";

    public static final String LEASE_CONFIG = "journal.lease.ms";
    public static final long LEASE_DEFAULT = 3L * 24 * 60 * 60 * 1000;
    private static final long LEASE_LEAST = 60_000;
    static final String LEASE_DOC =
            "How long the triggers go on writing to the journal while no task comes to read it, in"
                    + " milliseconds. Afterwards the journal suspends itself, as it does when it is full.";

    public static final String DOORBELL_CONFIG = "doorbell";
    static final String DOORBELL_DOC =
            "Whether triggers wake a waiting task by NOTIFY. PostgreSQL refuses PREPARE TRANSACTION in a transaction that has"
                    + " notified. on: triggers send a NOTIFY, but only while the task waits. off: they never do; the task reads the"
                    + " journal every few milliseconds while changes come, and less often at rest. auto: on if the server has"
                    + " max_prepared_transactions = 0, which is PostgreSQL's default, else off. notify is an old name of on.";

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
                        Rule.atLeast(MAX_BYTES_LEAST),
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
                        Rule.atLeast(LEASE_LEAST),
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
                        new Choices(BellMode.names()));
    }

    /** The size at which the journal suspends itself, in bytes. */
    public long maxBytes() {
        return config.getLong(MAX_BYTES_CONFIG);
    }

    /** How long the journal goes on without a reader, in milliseconds. */
    public long leaseMs() {
        return config.getLong(LEASE_CONFIG);
    }

    /** Whether a waiting task is woken by NOTIFY. */
    public BellMode bell() {
        return BellMode.of(config.getString(DOORBELL_CONFIG)).orElseThrow();
    }
}
