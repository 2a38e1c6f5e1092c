package io.ectowatch.connect.config;

import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.config.validation.FixedSetRecommender;
import io.ectowatch.connect.config.validation.Validators;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The setting for backfills, which only durable delivery has. */
public final class BackfillFragment {

    public static final String BACKFILL_CONFIG = "backfill";
    private static final String NONE = "none";
    private static final String NEW = "new";
    private static final String RESYNC = "resync";
    static final String BACKFILL_DOC =
            "When to publish the rows that a table already has, as read records. new: once for"
                    + " each table, when the connector watches it for the first time. resync: after each resync of a table, so that"
                    + " consumers can correct their copies. new,resync: both. none: only when somebody calls the SQL function"
                    + " backfill. Needs delivery.mode=durable, and SELECT on the key columns, the extra columns and the columns of"
                    + " conditions; with install.mode=print and verify, functions of the tables' owners read instead, except with none.";

    private static final String GROUP = "Backfill";

    private final AbstractConfig config;

    BackfillFragment(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef definition) {
        definition.define(
                BACKFILL_CONFIG,
                Type.LIST,
                List.of(NONE),
                Validators.of(List.class, "none, new, resync, or new,resync", BackfillFragment::check),
                Importance.MEDIUM,
                BACKFILL_DOC,
                GROUP,
                1,
                Width.SHORT,
                "Backfill",
                new FixedSetRecommender(List.of(NONE, NEW, RESYNC)));
    }

    private static void check(List<?> values) {
        boolean known =
                values.stream().allMatch(value -> List.of(NONE, NEW, RESYNC).contains(value));
        if (!known
                || values.isEmpty()
                || values.contains(NONE) && values.size() > 1
                || values.stream().distinct().count() < values.size()) {
            throw new IllegalArgumentException("It must be none, new, resync, or new,resync.");
        }
    }

    /** Problems with other settings. */
    static List<ConfigProblem> problems(Map<String, String> settings) {
        String value = settings.getOrDefault(BACKFILL_CONFIG, NONE).strip();
        String mode = settings.getOrDefault(DeliveryFragment.MODE_CONFIG, DeliveryMode.DURABLE.text());
        return value.equals(NONE) || !mode.strip().equals(DeliveryMode.NOTIFY.text())
                ? List.of()
                : List.of(new ConfigProblem(
                        BACKFILL_CONFIG, "It needs delivery.mode=durable. Remove it, or change delivery.mode."));
    }

    /** Whether tables are backfilled that are watched for the first time. */
    public boolean ofNewTables() {
        return config.getList(BACKFILL_CONFIG).contains(NEW);
    }

    /** Whether tables are backfilled after a resync. */
    public boolean afterResync() {
        return config.getList(BACKFILL_CONFIG).contains(RESYNC);
    }
}
