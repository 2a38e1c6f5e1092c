package io.ectowatch.connect.record;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Every type of {@code docs/types.md}, value by value. */
public final class TypeCases {

    /** What the cases need besides the built-in types. */
    public static final List<String> SETUP = List.of(
            "CREATE EXTENSION citext",
            "CREATE EXTENSION hstore",
            """
            CREATE TYPE mood AS ENUM ('sad', '', 'so "so"', 'it''s', 'back\\slash', 'größe 😀', 'a,b')
            """,
            "CREATE TYPE pair AS (amount float8, since timestamptz, note text)",
            "CREATE DOMAIN small AS int CHECK (VALUE < 100)",
            "CREATE DOMAIN smaller AS small NOT NULL",
            "CREATE DOMAIN moment AS timestamptz",
            "CREATE DOMAIN day AS date",
            "CREATE DOMAIN ratio AS float8",
            "CREATE DOMAIN share AS float4",
            "CREATE DOMAIN blob AS bytea",
            "CREATE DOMAIN label AS varchar(20)",
            "CREATE DOMAIN smalls AS smaller[]",
            "CREATE DOMAIN mooded AS mood",
            "CREATE DOMAIN host AS inet",
            "CREATE TABLE \"Odd Name\" (id int)");

    private static final String TEXT = "quote \" apostrophe ' backslash \\ slash / tab \t newline \r\n bell \u0007 "
            + "escape \u001b delete \u007f separators \u2028 \u2029 no break \u00a0 umlaut ü combining e\u0301 "
            + "han 表 emoji 😀 last \uffff";

    private TypeCases() {}

    public static List<TypeCase> all() {
        return Stream.of(numbers(), texts(), times(), networks(), shapes(), internals(), made())
                .flatMap(cases -> cases)
                .toList();
    }

    private static Stream<TypeCase> numbers() {
        return Stream.of(
                TypeCase.of("smallint")
                        .value("0", (short) 0)
                        .value("-32768", Short.MIN_VALUE)
                        .value("32767", Short.MAX_VALUE),
                TypeCase.of("integer")
                        .value("0", 0)
                        .value("-2147483648", Integer.MIN_VALUE)
                        .value("2147483647", Integer.MAX_VALUE),
                TypeCase.of("bigint")
                        .value("0", 0L)
                        .value("-9223372036854775808", Long.MIN_VALUE)
                        .value("9223372036854775807", Long.MAX_VALUE)
                        .value("9007199254740993", 9007199254740993L),
                TypeCase.of("oid").value("0", 0L).value("4294967295", 4294967295L),
                TypeCase.of("real")
                        .value("'0.1'", 0.1f)
                        .value("'-0'", -0.0f)
                        .value("'1.4e-45'", Float.MIN_VALUE)
                        .value("'3.4028235e38'", Float.MAX_VALUE)
                        .value("'16777217'", 16777216f)
                        .value("'NaN'", Float.NaN)
                        .value("'Infinity'", Float.POSITIVE_INFINITY)
                        .value("'-Infinity'", Float.NEGATIVE_INFINITY),
                TypeCase.of("double precision")
                        .value("'0.1'", 0.1)
                        .value("0.1::float8 + 0.2::float8", 0.30000000000000004)
                        .value("'1234567890.1234567'", 1234567890.1234567)
                        .value("'-0'", -0.0)
                        .value("'4.9e-324'", Double.MIN_VALUE)
                        .value("'1.7976931348623157e308'", Double.MAX_VALUE)
                        .value("'NaN'", Double.NaN)
                        .value("'Infinity'", Double.POSITIVE_INFINITY)
                        .value("'-Infinity'", Double.NEGATIVE_INFINITY),
                TypeCase.of("numeric")
                        .same("0", "1.00", "-1.50", "NaN", "Infinity", "-Infinity")
                        .same("123456789012345678901234567890.12345678901234567890")
                        .value("1e-20", "0.00000000000000000001")
                        .value("1e60", "1" + "0".repeat(60)),
                TypeCase.of("numeric", "numeric(10,2)").value("1", "1.00").value("'NaN'", "NaN"),
                TypeCase.of("money")
                        .value("1.5", "$1.50")
                        .value("'0'", "$0.00")
                        .value("'-92233720368547758.08'", "-$92,233,720,368,547,758.08")
                        .value("'92233720368547758.07'", "$92,233,720,368,547,758.07"),
                TypeCase.of("boolean").value("true", true).value("false", false));
    }

    private static Stream<TypeCase> texts() {
        return Stream.of(
                TypeCase.of("text")
                        .same("", " ", "null", "plain", "  blanks around  ", "a".repeat(1000))
                        .value(literal(TEXT), TEXT),
                TypeCase.of("varchar").same("", "plain").value(literal(TEXT), TEXT),
                TypeCase.of("varchar", "varchar(5)").same("", "plain", "ab  ", "größe", "表😀"),
                TypeCase.of("char").same("", "x"),
                TypeCase.of("char", "char(5)")
                        .value("'ab'", "ab")
                        .value("''", "")
                        .value("'  a'", "  a")
                        .value("'größe'", "größe"),
                TypeCase.of("\"char\"").same("", "x", "\\"),
                TypeCase.of("name").same("", "größe", "a".repeat(63)),
                TypeCase.of("citext").same("", "MiXeD").value(literal(TEXT), TEXT),
                TypeCase.of("uuid")
                        .same("00000000-0000-0000-0000-000000000000")
                        .value("'{A0EEBC99-9C0B4EF8-BB6D6BB9-BD380A11}'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
                TypeCase.of("json")
                        .same("null", "1", "[]", "\"\"", "1.00")
                        .same("{\"b\" : 1, \"a\":[ {} ], \"b\" : \"\\u00fc \\\" \\\\ \"}")
                        .value("E'{\"a\":\\n1}'", "{\"a\":\n1}"),
                TypeCase.of("jsonb")
                        .same("null", "1.00", "[]", "\"\"")
                        .value(
                                "'{\"bb\":1,\"a\":[ {} ], \"bb\" : \"\\u00fc \\\" \\\\ \\n\"}'",
                                "{\"a\": [{}], \"bb\": \"ü \\\" \\\\ \\n\"}"),
                TypeCase.of("jsonpath").value("'$.a[*] ? (@ > 1.50)'", "$.\"a\"[*]?(@ > 1.50)"),
                TypeCase.of("xml")
                        .same("<a b=\"1\">größe &amp; &lt;</a>", "no element")
                        .value("'<?xml version=\"1.0\" encoding=\"latin1\"?><a/>'", "<a/>"),
                TypeCase.of("bytea")
                        .value("''", new byte[0])
                        .value("'\\x00ff5c27'", new byte[] {0, -1, '\\', '\''})
                        .value("convert_to(repeat('a', 57), 'UTF8')", bytes(57))
                        .value("convert_to(repeat('a', 58), 'UTF8')", bytes(58))
                        .value("convert_to(repeat('a', 1000), 'UTF8')", bytes(1000)),
                TypeCase.of("bit", "bit(3)").same("000", "101"),
                TypeCase.of("bit varying").same("", "0", "101"),
                TypeCase.of("tsvector")
                        .value(literal("'fat':2A,4B 'back\\\\slash'"), "'back\\\\slash' 'fat':2A,4B")
                        .value("'it''s a'", "'a' 'it''s'"),
                TypeCase.of("tsquery")
                        .value("'fat & !rat:ab'", "'fat' & !'rat':AB")
                        .value("''", ""));
    }

    private static Stream<TypeCase> times() {
        return Stream.of(
                TypeCase.of("date")
                        .same("2024-02-29", "1970-01-01", "0001-01-01", "infinity", "-infinity")
                        .same("0044-03-15 BC", "0001-12-31 BC", "4713-01-01 BC", "5874897-12-31"),
                TypeCase.of("timestamp")
                        .same("2024-02-29T12:34:56.789123", "2024-02-29T12:34:56", "1970-01-01T00:00:00")
                        .same("2024-02-29T12:34:56.5", "2024-02-29T12:34:56.000001", "infinity", "-infinity")
                        .same("0044-03-15T12:00:00 BC", "4713-01-01T00:00:00 BC", "294276-12-31T23:59:59.999999"),
                TypeCase.of("timestamp", "timestamp(3)").value("'2024-02-29 12:34:56.7891'", "2024-02-29T12:34:56.789"),
                TypeCase.of("timestamptz")
                        .same("2024-02-29T12:34:56.789123Z", "1970-01-01T00:00:00Z", "infinity", "-infinity")
                        .value("'2024-02-29 12:34:56.5+05:45'", "2024-02-29T06:49:56.5Z")
                        .same("0044-03-15T12:00:00Z BC")
                        .value("'0001-01-01 00:00:00+01'", "0001-12-31T23:00:00Z BC")
                        .same("4713-01-01T00:00:00Z BC")
                        .same("294276-12-31T23:59:59.999999Z"),
                TypeCase.of("time").same("00:00:00", "12:34:56.789123", "12:34:56.5", "24:00:00"),
                TypeCase.of("timetz")
                        .same("12:34:56.789123+05:45", "00:00:00+00", "24:00:00-15:59", "12:34:56+01:02:03"),
                TypeCase.of("interval")
                        .same("P1Y2M3DT4H5M6.789123S", "PT0S", "P-1D", "P1DT-1H", "P-1Y-2M3DT-4H-5M-6.5S")
                        .value("'1 mon'", "P1M")
                        .value("'100 hours 1 microsecond'", "PT100H0.000001S")
                        .value("'-178000000 years'", "P-178000000Y")
                        .value("'178000000 years'", "P178000000Y"),
                TypeCase.of("interval").since(17).same("infinity", "-infinity"));
    }

    private static Stream<TypeCase> networks() {
        return Stream.of(
                TypeCase.of("inet")
                        .same("10.0.0.1", "10.0.0.1/8", "0.0.0.0/0", "::1", "2001:db8::1/64")
                        .value("'10.0.0.2/32'", "10.0.0.2"),
                TypeCase.of("cidr").same("10.0.0.0/8", "10.0.0.1/32", "::/0", "2001:db8::/32"),
                TypeCase.of("macaddr").same("08:00:2b:01:02:03").value("'08002B-010204'", "08:00:2b:01:02:04"),
                TypeCase.of("macaddr8").same("08:00:2b:01:02:03:04:05"));
    }

    private static Stream<TypeCase> shapes() {
        return Stream.of(
                TypeCase.of("point")
                        .same("(0.1,-2)", "(Infinity,NaN)")
                        .value("point(0.1::float8 + 0.2::float8, 1e300)", "(0.30000000000000004,1e+300)"),
                TypeCase.of("line").same("{1,-0.1,0}"),
                TypeCase.of("lseg").same("[(0,0.1),(1,1)]"),
                TypeCase.of("box").same("(1,1),(0,0.1)"),
                TypeCase.of("path").same("[(0,0.1),(1,1)]", "((0,0.1),(1,1))"),
                TypeCase.of("polygon").same("((0,0.1),(1,1),(1,0))"),
                TypeCase.of("circle").same("<(0,0.1),2>"));
    }

    private static Stream<TypeCase> internals() {
        return Stream.of(
                TypeCase.of("pg_lsn").same("0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"),
                TypeCase.of("pg_snapshot").same("10:20:10,14"),
                TypeCase.of("txid_snapshot").same("10:20:10,14"),
                TypeCase.of("xid").same("4294967295"),
                TypeCase.of("xid8").same("3", "18446744073709551615"),
                TypeCase.of("cid").same("4294967295"),
                TypeCase.of("tid").same("(4294967295,65535)"),
                TypeCase.of("regclass").same("pg_class", "public.\"Odd Name\"", "1"),
                TypeCase.of("regtype").same("integer", "public.mood"),
                TypeCase.of("regproc").same("now", "float4send"),
                TypeCase.of("regprocedure").same("now()"),
                TypeCase.of("regoper").same("public.?&"),
                TypeCase.of("regoperator").same("+(integer,integer)"),
                TypeCase.of("regrole").same("postgres"),
                TypeCase.of("regnamespace").same("public"),
                TypeCase.of("regconfig").same("simple"),
                TypeCase.of("regdictionary").same("simple"),
                TypeCase.of("regcollation").value("'\"C\"'", "\"C\""));
    }

    /** Types that are made of others, or that users and extensions make. */
    private static Stream<TypeCase> made() {
        return Stream.of(
                TypeCase.of("int4range").same("empty", "(,)", "[1,5)", "[1,)").value("'(1,5]'", "[2,6)"),
                TypeCase.of("int8range").same("[1,9223372036854775807)"),
                TypeCase.of("numrange").same("[1.00,NaN)", "(0,1]"),
                TypeCase.of("daterange").same("[2024-02-29,2024-03-01)", "[-infinity,infinity)", "empty"),
                TypeCase.of("tsrange").same("[\"2024-02-29 12:34:56.5\",)", "(,\"0044-03-15 00:00:00 BC\"]"),
                TypeCase.of("tstzrange")
                        .value("'[2024-02-29 12:34:56+05:45,infinity]'", "[\"2024-02-29 06:49:56+00\",infinity]"),
                TypeCase.of("int4multirange").same("{}", "{[1,3),[5,)}"),
                TypeCase.of("int8multirange").same("{[1,3)}"),
                TypeCase.of("nummultirange").same("{[1.00,3.0]}"),
                TypeCase.of("datemultirange").same("{[2024-02-29,2024-03-01),[2025-01-01,)}"),
                TypeCase.of("tsmultirange").same("{[\"2024-02-29 12:34:56.5\",)}"),
                TypeCase.of("tstzmultirange")
                        .value("'{[2024-02-29 12:34:56+05:45,)}'", "{[\"2024-02-29 06:49:56+00\",)}"),
                TypeCase.of("array", "integer[]").same("{}", "{1,NULL,3}", "{{1,2},{3,4}}", "[0:1]={1,2}"),
                TypeCase.of("array", "text[]")
                        .same("{\"\",\"NULL\",NULL,\"a b\",\"quote \\\"\",\"back\\\\slash\",\"a,b\",größe,😀}")
                        .value("ARRAY[E'new\\nline']", "{\"new\nline\"}"),
                TypeCase.of("array", "float8[]")
                        .value("ARRAY[0.1::float8 + 0.2::float8, '-0', 'NaN']", "{0.30000000000000004,-0,NaN}"),
                TypeCase.of("array", "float4[]").same("{0.1,3.4028235e+38}"),
                TypeCase.of("array", "date[]").same("{2024-02-29,infinity,\"0044-03-15 BC\"}"),
                TypeCase.of("array", "timestamptz[]")
                        .value("'{2024-02-29 12:34:56.5+05:45}'", "{\"2024-02-29 06:49:56.5+00\"}"),
                TypeCase.of("array", "interval[]").same("{P1Y2M,PT0S}"),
                TypeCase.of("array", "bytea[]").same("{\"\\\\x00ff\"}"),
                TypeCase.of("array", "char(3)[]").same("{\"a  \"}"),
                TypeCase.of("array", "money[]").same("{$1.50,\"$1,000.00\"}"),
                TypeCase.of("array", "mood[]").same("{sad,\"\",\"so \\\"so\\\"\"}"),
                TypeCase.of("array", "pair[]").value("ARRAY[(1, NULL, 'a')::pair]", "{\"(1,,a)\"}"),
                TypeCase.of("array", "int2vector").same("1 2 3"),
                TypeCase.of("enum", "mood")
                        .same("sad", "", "so \"so\"", "back\\slash", "größe 😀", "a,b")
                        .value("'it''s'", "it's"),
                TypeCase.of("composite", "pair")
                        .same("(,,)")
                        .value(
                                "(0.1::float8 + 0.2::float8, '2024-02-29 12:34:56+05:45', 'a \"b\" \\ c')::pair",
                                "(0.30000000000000004,\"2024-02-29 06:49:56+00\",\"a \"\"b\"\" \\\\ c\")"),
                TypeCase.of("domain", "small").value("99", 99),
                TypeCase.of("domain", "smaller").value("-5", -5),
                TypeCase.of("domain", "moment").value("'2024-02-29 12:34:56+05:45'", "2024-02-29T06:49:56Z"),
                TypeCase.of("domain", "day").same("2024-02-29", "0044-03-15 BC"),
                TypeCase.of("domain", "ratio").value("0.1", 0.1).value("'NaN'", Double.NaN),
                TypeCase.of("domain", "share").value("0.1", 0.1f),
                TypeCase.of("domain", "blob").value("'\\x00ff'", new byte[] {0, -1}),
                TypeCase.of("domain", "label").same("größe"),
                TypeCase.of("domain", "smalls").same("{1,2}"),
                TypeCase.of("domain", "mooded").same("sad"),
                TypeCase.of("domain", "host").same("10.0.0.1"),
                TypeCase.of("hstore").same("", "\"a\"=>\"1\", \"b\"=>NULL"));
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 'a');
        return bytes;
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
