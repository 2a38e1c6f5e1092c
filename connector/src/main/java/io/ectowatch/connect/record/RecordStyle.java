package io.ectowatch.connect.record;

import io.ectowatch.connect.config.FieldNames;
import io.ectowatch.connect.config.HeaderMode;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The common properties of the records of all watchers.
 *
 * @param topicPrefix the prefix of the schemas' names, the value of {@code topic.prefix}
 * @param connector the connector's name
 * @param headers which headers describe the change
 * @param tombstones whether a record without a value follows a deletion
 * @param schemaInKey whether keys contain the table's schema
 * @param fieldNames how fields that contain a column are named, and which characters schema names have
 * @param lsnInHeader whether a header has an LSN at which a standby shows the change
 * @param lsnInValue whether the value has a field with that LSN
 */
public record RecordStyle(
        String topicPrefix,
        String connector,
        HeaderMode headers,
        boolean tombstones,
        boolean schemaInKey,
        FieldNames fieldNames,
        boolean lsnInHeader,
        boolean lsnInValue) {

    /** Records without an LSN, whose keys are columns. */
    public RecordStyle(String topicPrefix, String connector, HeaderMode headers, boolean tombstones) {
        this(topicPrefix, connector, headers, tombstones, false, FieldNames.EXACT, false, false);
    }

    public RecordStyle {
        Objects.requireNonNull(topicPrefix, "topicPrefix");
        Objects.requireNonNull(connector, "connector");
        Objects.requireNonNull(headers, "headers");
        Objects.requireNonNull(fieldNames, "fieldNames");
    }

    /**
     * The name of a schema, after the prefix. Names of tables that differ have names that differ if fields are named for Avro;
     * otherwise {@code a-b} and {@code a_b} have the same.
     */
    String schemaName(String... parts) {
        return SchemaName.of(topicPrefix, Stream.of(parts).map(fieldNames::of).toArray(String[]::new));
    }
}
