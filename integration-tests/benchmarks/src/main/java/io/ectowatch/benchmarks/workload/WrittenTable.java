package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;

/** A kind of table, and the statement that concurrent writers repeat on it. */
interface WrittenTable {

    /** Creates a table, with the rows that the statement needs. Returns its name. */
    String create(Environment environment) throws SQLException;

    /** A statement that changes one row each time, without parameters. */
    String statement(String table);

    /**
     * Called after the statement was repeated.
     *
     * @throws IllegalStateException if it no longer found a row each time
     */
    default void check(Environment environment, String table) throws SQLException {}
}
