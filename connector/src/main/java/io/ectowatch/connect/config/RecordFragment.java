package io.ectowatch.connect.config;

import io.ectowatch.connect.config.names.SpellingSuggestion;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.config.validation.FixedSetRecommender;
import io.ectowatch.connect.config.validation.Validators;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings for records, except key and value. */
public final class RecordFragment {

    public static final String HEADERS_CONFIG = "headers";
    static final String HEADERS_DOC =
            "Which headers describe the change, in addition to the value. none: only those that"
                    + " some records always have. basic: ectowatch.event, ectowatch.table and ectowatch.txid."
                    + " cloudevents: the attributes of a CloudEvent in binary mode, ce_id and so on. All are strings:"
                    + " keep Connect's default header.converter, or set StringConverter.";

    public static final String TOMBSTONES_CONFIG = "tombstones";
    static final String TOMBSTONES_DOC =
            "Whether a second record with the same key and no value follows the record of a deletion,"
                    + " so that a compacted topic removes the key. For that a table's events must share a topic: remove"
                    + " ${event} from topic.format. Kafka rejects records without a key on a compacted topic, so with"
                    + " tombstones those of resync and truncated go to a separate topic: the name of the other topic,"
                    + " a dot, and the event.";

    public static final String KEY_SCHEMA_CONFIG = "key.schema";
    static final String KEY_SCHEMA_DOC =
            "Whether record keys begin with a field schema, the name of the table's schema. Then"
                    + " rows of tables with the same name in different schemas have different keys, and such tables can share a topic:"
                    + " topic.format may lack ${schema}. If a key has a column with the name schema, the field is _schema. A change of"
                    + " this setting changes the keys of all records.";

    public static final String FIELD_NAMES_CONFIG = "field.names";
    static final String FIELD_NAMES_DOC =
            "How fields that contain a column are named, in keys and values. exact: as the column."
                    + " avro: for converters to Avro, which allows only letters from A to Z, digits and _, and no digit at"
                    + " the beginning: any other character becomes _u and its four hexadecimal digits, so order-id becomes"
                    + " order_u002did. So are the names of tables, schemas and labels within schema names. A change of this"
                    + " setting changes the keys of tables whose key columns have such characters.";

    public static final String LSN_CONFIG = "lsn";
    private static final String LSN_NONE = "none";
    private static final String LSN_HEADER = "header";
    private static final String LSN_FIELD = "field";
    static final String LSN_DOC =
            "Where each record has an LSN at which every standby shows the change, so that a consumer"
                    + " can read the row from a standby. header: in the header ectowatch.lsn. field: in the field lsn, the last one"
                    + " of the value. header,field: in both. Needs delivery.mode=durable.";

    private static final String GROUP = "Records";

    private final AbstractConfig config;

    RecordFragment(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef definition) {
        int order = 0;
        definition
                .define(
                        HEADERS_CONFIG,
                        Type.STRING,
                        HeaderMode.NONE.text(),
                        Validators.of(
                                String.class, String.join(", ", HeaderMode.names()), RecordFragment::parseHeaders),
                        Importance.LOW,
                        HEADERS_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Headers",
                        new FixedSetRecommender(HeaderMode.names()))
                .define(
                        TOMBSTONES_CONFIG,
                        Type.BOOLEAN,
                        false,
                        null,
                        Importance.LOW,
                        TOMBSTONES_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Tombstones")
                .define(
                        KEY_SCHEMA_CONFIG,
                        Type.BOOLEAN,
                        false,
                        null,
                        Importance.LOW,
                        KEY_SCHEMA_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Schema in the key")
                .define(
                        FIELD_NAMES_CONFIG,
                        Type.STRING,
                        FieldNames.EXACT.text(),
                        Validators.of(
                                String.class, String.join(", ", FieldNames.names()), RecordFragment::parseFieldNames),
                        Importance.LOW,
                        FIELD_NAMES_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Names of fields",
                        new FixedSetRecommender(FieldNames.names()))
                .define(
                        LSN_CONFIG,
                        Type.LIST,
                        List.of(LSN_NONE),
                        Validators.of(List.class, "none, header, field, or header,field", RecordFragment::checkLsn),
                        Importance.LOW,
                        LSN_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "LSN",
                        new FixedSetRecommender(List.of(LSN_NONE, LSN_HEADER, LSN_FIELD)));
    }

    private static void checkLsn(List<?> values) {
        boolean known = List.of(LSN_NONE, LSN_HEADER, LSN_FIELD).containsAll(values);
        boolean repeated = values.stream().distinct().count() < values.size();
        if (!known || repeated || values.isEmpty() || values.contains(LSN_NONE) && values.size() > 1) {
            throw new IllegalArgumentException("It must be none, header, field, or header,field.");
        }
    }

    private static HeaderMode parseHeaders(String text) {
        return HeaderMode.of(text)
                .orElseThrow(
                        () -> new IllegalArgumentException("It must be one of " + String.join(", ", HeaderMode.names())
                                + "." + SpellingSuggestion.hint(text, HeaderMode.names())));
    }

    private static FieldNames parseFieldNames(String text) {
        return FieldNames.parse(text)
                .orElseThrow(
                        () -> new IllegalArgumentException("It must be one of " + String.join(", ", FieldNames.names())
                                + "." + SpellingSuggestion.hint(text, FieldNames.names())));
    }

    /** Problems of settings that are valid by themselves, but not together. */
    static List<ConfigProblem> problems(Map<String, String> settings) {
        ConfigDef definition = ConfigValidator.definition(settings);
        Map<String, String> ours = new HashMap<>(settings);
        ours.keySet().retainAll(definition.names()); // otherwise AbstractConfig loads config providers
        AbstractConfig config = new AbstractConfig(definition, ours, false);
        RecordFragment records = new RecordFragment(config);
        List<ConfigProblem> problems = new ArrayList<>();
        if (records.tombstones()) {
            problems.addAll(new TombstoneValidator(
                            new TopicFragment(config).format(),
                            new WatchFragment(config).watchers(),
                            records.schemaInKey())
                    .problems());
        }
        if ((records.lsnInHeader() || records.lsnInValue())
                && new DeliveryFragment(config).mode() == DeliveryMode.NOTIFY) {
            problems.add(new ConfigProblem(
                    LSN_CONFIG, "It needs delivery.mode=durable. Remove it, or change delivery.mode."));
        }
        return problems;
    }

    public HeaderMode headers() {
        return parseHeaders(config.getString(HEADERS_CONFIG));
    }

    /** Whether record keys contain the table's schema. */
    public boolean schemaInKey() {
        return config.getBoolean(KEY_SCHEMA_CONFIG);
    }

    /** How fields that contain a column are named. */
    public FieldNames fieldNames() {
        return parseFieldNames(config.getString(FIELD_NAMES_CONFIG));
    }

    /** Whether each record has a header with an LSN at which a standby shows the change. */
    public boolean lsnInHeader() {
        return config.getList(LSN_CONFIG).contains(LSN_HEADER);
    }

    /** Whether each value has a field with that LSN. */
    public boolean lsnInValue() {
        return config.getList(LSN_CONFIG).contains(LSN_FIELD);
    }

    /** Whether a record without a value follows a deletion. */
    public boolean tombstones() {
        return config.getBoolean(TOMBSTONES_CONFIG);
    }
}
