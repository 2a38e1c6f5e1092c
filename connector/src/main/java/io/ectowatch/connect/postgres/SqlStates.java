package io.ectowatch.connect.postgres;

import java.sql.SQLException;

/** SQLSTATEs that mean something to the connector (PG docs, errcodes-appendix). */
public final class SqlStates {

    public static final String CONNECTION_FAILED = "08001";
    public static final String CONNECTION_REJECTED = "08004";
    public static final String CONNECTION_LOST = "08006";
    public static final String INVALID_BYTES = "22021";
    public static final String UNTRANSLATABLE_CHARACTER = "22P05";
    public static final String READ_ONLY = "25006";
    public static final String INVALID_AUTHORIZATION = "28000";
    public static final String INVALID_PASSWORD = "28P01";
    public static final String NO_SUCH_DATABASE = "3D000";
    public static final String DEADLOCK_DETECTED = "40P01";
    public static final String INSUFFICIENT_PRIVILEGE = "42501";
    public static final String UNDEFINED_FUNCTION = "42883";
    public static final String UNDEFINED_TABLE = "42P01";
    public static final String TOO_MANY_CONNECTIONS = "53300";
    public static final String LIMIT_EXCEEDED = "53400";
    public static final String NOT_IN_REQUIRED_STATE = "55000";
    public static final String OBJECT_IN_USE = "55006";
    public static final String LOCK_NOT_AVAILABLE = "55P03";
    public static final String QUERY_CANCELED = "57014";
    public static final String ADMIN_SHUTDOWN = "57P01";
    public static final String CANNOT_CONNECT_NOW = "57P03";
    /** PGJDBC's own, for example if a URL names an unknown service. */
    public static final String UNEXPECTED_ERROR = "99999";

    public static final String DATA_CORRUPTED = "XX001";
    public static final String INDEX_CORRUPTED = "XX002";

    private SqlStates() {}

    /** Whether the error has that SQLSTATE. */
    public static boolean is(SQLException e, String state) {
        return state.equals(e.getSQLState());
    }
}
