package io.ectowatch.it.registry;

import java.util.LinkedHashMap;
import java.util.Map;

/** One value for each type of {@code docs/types.md}. */
final class TypeSamples {

    /** What the samples need besides the built-in types. */
    static final String[] SETUP = {
        "CREATE EXTENSION citext",
        "CREATE EXTENSION hstore",
        "CREATE TYPE mood AS ENUM ('sad', 'größe 😀')",
        "CREATE TYPE pair AS (amount float8, note text)",
        "CREATE DOMAIN small AS int CHECK (VALUE < 100)"
    };

    /**
     * @param declared the column's type
     * @param sql what is inserted
     * @param expected the value of the field
     */
    record Sample(String declared, String sql, Object expected) {}

    private final Map<String, Sample> samples = new LinkedHashMap<>();

    private TypeSamples() {
        numbers();
        texts();
        timesAndAddresses();
        shapesAndRanges();
        references();
    }

    /** By the type's name in the documentation. */
    static Map<String, Sample> all() {
        return new TypeSamples().samples;
    }

    private void numbers() {
        add("smallint", "-32768", Short.MIN_VALUE);
        add("integer", "2147483647", Integer.MAX_VALUE);
        add("bigint", "-9223372036854775808", Long.MIN_VALUE);
        add("oid", "4294967295", 4294967295L);
        add("real", "0.1", 0.1f);
        add("double precision", "0.30000000000000004", 0.30000000000000004);
        same("numeric", "123456789012345678901234567890.10");
        same("money", "-$1,000.00");
        add("boolean", "true", true);
        samples.put("domain", new Sample("small", "99", 99));
    }

    private void texts() {
        same("text", "quote \" slash \\ tab \t größe 😀");
        same("varchar", "");
        same("char", "x");
        same("\"char\"", "y");
        same("name", "größe");
        same("citext", "MiXeD");
        same("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
        same("json", "{\"b\" : 1}");
        same("jsonb", "{\"a\": 1}");
        same("jsonpath", "$.\"a\"[*]?(@ > 1.50)");
        same("xml", "<a b=\"1\">größe</a>");
        add("bytea", "\\x00ff5c27", new byte[] {0, -1, '\\', '\''});
        samples.put("bit", new Sample("bit(3)", "101", "101"));
        same("bit varying", "0101");
        same("tsvector", "'fat':2A,4B 'rat':3");
        same("tsquery", "'fat' & !'rat':AB");
        same("hstore", "\"a\"=>\"1\", \"b\"=>NULL");
        samples.put("enum", new Sample("mood", "größe 😀", "größe 😀"));
        samples.put("composite", new Sample("pair", "(1,\"a b\")", "(1,\"a b\")"));
        samples.put("array", new Sample("text[]", "{\"a b\",NULL}", "{\"a b\",NULL}"));
    }

    private void timesAndAddresses() {
        same("date", "0044-03-15 BC");
        same("timestamp", "2024-02-29T12:34:56.789123");
        same("timestamptz", "2024-02-29T12:34:56.789123Z");
        same("time", "24:00:00");
        same("timetz", "12:34:56.789123+05:45");
        same("interval", "P1Y2M3DT4H5M6.5S");
        same("inet", "10.0.0.1/8");
        same("cidr", "2001:db8::/32");
        same("macaddr", "08:00:2b:01:02:03");
        same("macaddr8", "08:00:2b:01:02:03:04:05");
    }

    private void shapesAndRanges() {
        same("point", "(0.1,-2)");
        same("line", "{1,-0.1,0}");
        same("lseg", "[(0,0.1),(1,1)]");
        same("box", "(1,1),(0,0.1)");
        same("path", "[(0,0.1),(1,1)]");
        same("polygon", "((0,0.1),(1,1),(1,0))");
        same("circle", "<(0,0.1),2>");
        same("int4range", "[1,5)");
        same("int8range", "empty");
        same("numrange", "[1.00,NaN)");
        same("daterange", "[2024-02-29,2024-03-01)");
        same("tsrange", "[\"2024-02-29 12:34:56.5\",)");
        same("tstzrange", "[\"2024-02-29 06:49:56+00\",)");
        same("int4multirange", "{[1,3),[5,)}");
        same("int8multirange", "{[1,3)}");
        same("nummultirange", "{[1.00,3.0]}");
        same("datemultirange", "{[2024-02-29,2024-03-01)}");
        same("tsmultirange", "{[\"2024-02-29 12:34:56.5\",)}");
        same("tstzmultirange", "{[\"2024-02-29 06:49:56+00\",)}");
    }

    private void references() {
        same("pg_lsn", "16/B374D848");
        same("xid8", "18446744073709551615");
        same("tid", "(4294967295,65535)");
        same("xid", "4294967295");
        same("cid", "4294967295");
        same("pg_snapshot", "10:20:10,14");
        same("txid_snapshot", "10:20:10,14");
        same("regclass", "pg_class");
        same("regcollation", "\"C\"");
        same("regconfig", "simple");
        same("regdictionary", "simple");
        same("regnamespace", "public");
        same("regoper", "public.?&");
        same("regoperator", "+(integer,integer)");
        same("regproc", "now");
        same("regprocedure", "now()");
        same("regrole", "postgres");
        same("regtype", "public.mood");
    }

    private void same(String type, String text) {
        add(type, text, text);
    }

    private void add(String type, String sql, Object expected) {
        samples.put(type, new Sample(type, sql, expected));
    }
}
