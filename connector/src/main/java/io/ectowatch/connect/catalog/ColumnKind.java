package io.ectowatch.connect.catalog;

/**
 * How a column's value travels: the SQL expression by which a trigger puts it into a JSON array, and so the JSON token
 * that the task gets back. What becomes of it in a record is the business of the {@code record} package;
 * {@code docs/types.md} has the whole table.
 *
 * <p>The expressions do not depend on the writer's session ({@code DateStyle}, {@code extra_float_digits},
 * {@code bytea_output} and their like change what output functions print), except those of {@link #TEXT_PINNED}, whose
 * functions therefore pin those settings.
 */
public enum ColumnKind {
    INT16("%s"),
    INT32("%s"),
    /** {@code bigint} and {@code oid}. */
    INT64("%s"),
    /** The four bytes of a {@code real} in hexadecimal: exact, whatever {@code extra_float_digits} is. */
    FLOAT32("pg_catalog.encode(pg_catalog.float4send(%s), 'hex')"),
    /** The eight bytes of a {@code double precision} in hexadecimal. */
    FLOAT64("pg_catalog.encode(pg_catalog.float8send(%s), 'hex')"),
    BOOLEAN("%s"),
    BYTES("pg_catalog.encode(%s, 'base64')"),
    /** Written by PostgreSQL's JSON functions as ISO 8601, whatever {@code DateStyle} is. */
    DATE("%s"),
    /** As {@link #DATE}. */
    TIMESTAMP("%s"),
    /** Moved to UTC in SQL, so that the writer's {@code TimeZone} does not matter. */
    TIMESTAMP_WITH_ZONE("pg_catalog.timezone('UTC', %s)"),
    /** Every type whose output is the same in every session: text, uuid, numeric, enum, json, inet and so on. */
    TEXT("%s::pg_catalog.text"),
    /** Types whose output depends on the session's settings: interval, money, arrays, ranges, composites and unknown ones. */
    TEXT_PINNED("%s::pg_catalog.text");

    private final String expression;

    ColumnKind(String expression) {
        this.expression = expression;
    }

    /** The SQL expression whose JSON form carries the column. {@code reference} is a quoted column reference. */
    public String expression(String reference) {
        return expression.formatted(reference);
    }

    /** Whether the function that uses {@link #expression} must pin the session's output settings. */
    public boolean needsPinnedSettings() {
        return this == TEXT_PINNED;
    }
}
