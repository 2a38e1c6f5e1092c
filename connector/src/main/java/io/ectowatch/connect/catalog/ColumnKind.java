package io.ectowatch.connect.catalog;

/**
 * How a column's value travels: the SQL expression by which a trigger puts it into a JSON array, and so the JSON token
 * that the task gets back. What becomes of it in a record is the business of the {@code record} package;
 * {@code docs/types.md} has the whole table.
 *
 * <p>The expressions do not depend on the writer's session ({@code DateStyle}, {@code extra_float_digits},
 * {@code bytea_output} and their like change what output functions print), except those of {@link #TEXT_PINNED}, whose
 * functions therefore run under {@link PinnedSettings}.
 */
public enum ColumnKind {
    INT16("%s"),
    INT32("%s"),
    /** {@code bigint} and {@code oid}; without the cast the JSON functions quote an {@code oid} as if it were text. */
    INT64("%s::pg_catalog.int8"),
    /** The four bytes of a {@code real} in hexadecimal: exact, whatever {@code extra_float_digits} is. */
    FLOAT32("pg_catalog.encode(pg_catalog.float4send(%s), 'hex')"),
    /** The eight bytes of a {@code double precision} in hexadecimal. */
    FLOAT64("pg_catalog.encode(pg_catalog.float8send(%s), 'hex')"),
    BOOLEAN("%s"),
    /** Base64 as PostgreSQL writes it: broken into lines of 76 characters. */
    BYTES("pg_catalog.encode(%s, 'base64')"),
    /** Written by PostgreSQL's JSON functions as ISO 8601, whatever {@code DateStyle} is. */
    DATE("%s"),
    /** As {@link #DATE}. */
    TIMESTAMP("%s"),
    /** Moved to UTC in SQL, so that the writer's {@code TimeZone} does not matter. */
    TIMESTAMP_WITH_ZONE("pg_catalog.timezone('UTC', %s)"),
    /**
     * Every type whose text is the same in every session: text, uuid, numeric, enum, json and so on. Those that are not
     * PostgreSQL's own are printed, see {@link Column#expression}.
     */
    TEXT("%s::pg_catalog.text"),
    /**
     * {@code inet} and {@code xml}, the same in every session too, but not when cast: the cast gives an {@code inet}
     * its mask even where it is a single host, and leaves an {@code xml} a declaration of an encoding it is no longer
     * in. So it is the output function's text.
     */
    TEXT_AS_PRINTED(null),
    /** Types whose text depends on the session: interval, money, arrays, ranges, composites and unknown ones. */
    TEXT_PINNED(null);

    private final String expression;

    ColumnKind(String expression) {
        this.expression = expression;
    }

    /** The SQL expression whose JSON form carries a value, unless {@link #isPrinted}. */
    String expression(String value) {
        return expression.formatted(value);
    }

    /** Whether what carries a value is what the type's output function prints. */
    boolean isPrinted() {
        return expression == null;
    }

    /** Whether no value takes more than a few bytes. */
    public boolean fixedLength() {
        return switch (this) {
            case INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, DATE, TIMESTAMP, TIMESTAMP_WITH_ZONE -> true;
            case BYTES, TEXT, TEXT_AS_PRINTED, TEXT_PINNED -> false;
        };
    }

    /** Whether the function that carries a value must run under {@link PinnedSettings}. */
    public boolean needsPinnedSettings() {
        return this == TEXT_PINNED;
    }
}
