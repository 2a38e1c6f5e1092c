package io.ectowatch.connect.catalog;

import io.ectowatch.connect.trigger.PinnedSettings;
import org.jspecify.annotations.Nullable;

/**
 * How a column's value is encoded: the SQL expression by which a trigger puts it into a JSON array, and so the JSON
 * token that the task reads. The {@code record} package turns it into the value of a record; {@code docs/types.md}
 * has the whole table.
 *
 * <p>The expressions do not depend on the writer's session ({@code DateStyle}, {@code extra_float_digits}, {@code
 * bytea_output} and similar settings change what output functions print). Those of {@link #TEXT_PINNED} do; functions
 * that use them run under {@link PinnedSettings}.
 */
public enum ColumnKind {
    INT16("%s"),
    INT32("%s"),
    /** {@code bigint} and {@code oid}. Without the cast, the JSON functions quote an {@code oid} like text. */
    INT64("%s::pg_catalog.int8"),
    /** The four bytes of a {@code real} in hexadecimal: exact with any {@code extra_float_digits}. */
    FLOAT32("pg_catalog.encode(pg_catalog.float4send(%s), 'hex')"),
    /** The eight bytes of a {@code double precision} in hexadecimal. */
    FLOAT64("pg_catalog.encode(pg_catalog.float8send(%s), 'hex')"),
    BOOLEAN("%s"),
    /** Base64 as PostgreSQL writes it, in lines of 76 characters. */
    BYTES("pg_catalog.encode(%s, 'base64')"),
    /** PostgreSQL's JSON functions write it as ISO 8601, whatever {@code DateStyle} is. */
    DATE("%s"),
    /** As {@link #DATE}. */
    TIMESTAMP("%s"),
    /** Converted to UTC in SQL, so that the writer's {@code TimeZone} does not matter. */
    TIMESTAMP_WITH_ZONE("pg_catalog.timezone('UTC', %s)"),
    /**
     * Types whose text is the same in every session: text, uuid, numeric, enum, json and so on. Values of types that
     * are not built in are printed, see {@link Column#expression}.
     */
    TEXT("%s::pg_catalog.text"),
    /**
     * {@code inet} and {@code xml}. Their text is the same in every session, too, but not the result of a cast: the
     * cast adds the mask to an {@code inet} even for a single host, and keeps a declaration in an {@code xml} of an
     * encoding that no longer applies. So the text is that of the output function.
     */
    TEXT_AS_PRINTED(null),
    /** Types whose text depends on the session: interval, money, arrays, ranges, composites and unknown types. */
    TEXT_PINNED(null);

    /** Null if {@link #isPrinted}. */
    private final @Nullable String expression;

    ColumnKind(@Nullable String expression) {
        this.expression = expression;
    }

    /** The SQL expression whose JSON form encodes a value, unless {@link #isPrinted}. */
    String expression(String value) {
        if (expression == null) {
            throw new IllegalStateException(this + " has no expression");
        }
        return expression.formatted(value);
    }

    /** Whether a value is encoded as the text of its type's output function. */
    boolean isPrinted() {
        return expression == null;
    }

    /** Whether each value takes only a few bytes. */
    public boolean fixedLength() {
        return switch (this) {
            case INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, DATE, TIMESTAMP, TIMESTAMP_WITH_ZONE -> true;
            case BYTES, TEXT, TEXT_AS_PRINTED, TEXT_PINNED -> false;
        };
    }

    /** Whether a function that encodes such a value must run under {@link PinnedSettings}. */
    public boolean needsPinnedSettings() {
        return this == TEXT_PINNED;
    }
}
