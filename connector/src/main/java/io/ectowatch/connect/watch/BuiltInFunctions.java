package io.ectowatch.connect.watch;

/**
 * Which functions of {@code pg_catalog} a condition must not call. Most functions compute a value from values. They can
 * run only code of the types of their arguments, and these types are trusted. Other functions take the name or the OID
 * of an object that any role may own: they run the constraints of a domain, read a table or a view, or wait for its
 * lock.
 */
final class BuiltInFunctions {

    /** No value of these types names an object that has code, unless only a superuser can create such an object. */
    private static final String VALUES = "bool,bytea,char,name,int2,int4,int8,float4,float8,numeric,money,text,varchar,"
            + "bpchar,bit,varbit,date,time,timetz,timestamp,timestamptz,interval,uuid,inet,cidr,macaddr,macaddr8,json,"
            + "jsonb,jsonpath,xml,point,line,lseg,box,path,polygon,circle,tsvector,tsquery,regconfig,regdictionary,"
            + "pg_lsn,xid,xid8,tid,pg_snapshot,txid_snapshot,record,any,anyelement,anyarray,anynonarray,anyenum,"
            + "anyrange,anymultirange,anycompatible,anycompatiblearray,anycompatiblenonarray,anycompatiblerange,"
            + "anycompatiblemultirange";

    /** Harmless, although the rule refuses them: int8 only because it also converts an OID. */
    private static final String HARMLESS = "int8,pg_backend_pid,pg_client_encoding,pg_column_size,pg_current_xact_id,"
            + "pg_current_xact_id_if_assigned,pg_lsn,pg_size_bytes,pg_size_pretty,pg_trigger_depth,pg_typeof,"
            + "pg_wal_lsn_diff";

    /**
     * Aggregates and functions that return sets are not possible in a condition anyway. By their names: functions that
     * read the server's state begin with pg_, and so does pg_input_is_valid, which takes the name of a type as a text;
     * schema_to_xml and database_to_xml read tables.
     */
    private static final String REFUSED = """
            (${p}.prokind = 'f' AND NOT ${p}.proretset
             AND ${p}.proname <> ALL ('{${harmless}}'::text[])
             AND (${p}.proname LIKE 'pg\\_%' OR ${p}.proname LIKE '%\\_to\\_xml%'
                  OR EXISTS (SELECT FROM pg_catalog.unnest(${p}.proargtypes::oid[] || ${p}.prorettype) AS used (type)
                             JOIN pg_catalog.pg_type AS t ON t.oid = used.type
                             LEFT JOIN pg_catalog.pg_type AS e ON e.typarray = t.oid
                             WHERE coalesce(e.typname, t.typname) <> ALL ('{${values}}'::text[])
                               AND t.typtype NOT IN ('r', 'm'))))""";

    private BuiltInFunctions() {}

    /** The SQL condition that a function is refused. {@code p} is the alias of its row in pg_proc. */
    static String refused(String p) {
        return REFUSED.replace("${p}", p).replace("${harmless}", HARMLESS).replace("${values}", VALUES);
    }
}
