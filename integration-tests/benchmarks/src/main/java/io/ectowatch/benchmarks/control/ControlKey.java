package io.ectowatch.benchmarks.control;

import java.util.UUID;
import java.util.function.LongFunction;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;

/** The record keys for tables with different primary keys. */
enum ControlKey {
    BIGINT("bigint", Schema.INT64_SCHEMA, number -> number),
    RANDOM("uuid", Schema.STRING_SCHEMA, number -> new UUID(number * ControlKey.SCATTER, number).toString()),
    TEXT("text", Schema.STRING_SCHEMA, "%020x"::formatted),
    TWO_COLUMNS("integer,bigint", Schema.INT64_SCHEMA, number -> number);

    /** An odd number with many bits. */
    private static final long SCATTER = 0x9E3779B97F4A7C15L;

    private static final String TENANT = "tenant";

    private final String types;
    private final Schema idSchema;
    private final LongFunction<Object> id;

    ControlKey(String types, Schema idSchema, LongFunction<Object> id) {
        this.types = types;
        this.idSchema = idSchema;
        this.id = id;
    }

    /**
     * @param types of the columns of the primary key, separated by commas, or null for {@code bigint}
     * @throws IllegalArgumentException for others than the known ones
     */
    static ControlKey of(String types) {
        for (ControlKey key : values()) {
            if (key.types.equals(types == null ? BIGINT.types : types)) {
                return key;
            }
        }
        throw new IllegalArgumentException("there are no records for a key of type " + types);
    }

    SchemaBuilder schema() {
        SchemaBuilder schema = SchemaBuilder.struct().name("control.Key");
        if (this == TWO_COLUMNS) {
            schema.field(TENANT, Schema.INT32_SCHEMA);
        }
        return schema.field("id", idSchema);
    }

    /** The key of the record with this number. The schema is that of {@link #schema}, with or without optional. */
    Struct key(Schema schema, long number) {
        Struct key = new Struct(schema).put("id", id.apply(number));
        return this == TWO_COLUMNS ? key.put(TENANT, (int) (number % 100)) : key;
    }
}
