package io.ectowatch.benchmarks.contender;

import java.sql.SQLException;
import java.util.List;

/** A contender that has been started. */
public interface RunningContender extends AutoCloseable {

    /** The topics of the records of a table. */
    List<String> topics(String table);

    /** Makes changes of that table, one at a time. The caller closes it. */
    Changes changes(String table) throws SQLException;

    /** Stops the connector ({@code PUT /stop}) and waits for the end of its task. Triggers and slots stay. */
    void stop();

    /** Creates a backlog while it is stopped: this number of changes, in transactions of one statement. */
    void createBacklog(String table, int changes, int rowsPerStatement) throws SQLException;

    /** Resumes the connector. Does not wait. */
    void resume();

    /**
     * Begins to publish the rows that a table has, see {@link Contender#startForRows}. Does not wait for their records, but
     * a contender without topics of rows has read all of them when this returns.
     */
    default void publishRows(String table, int rows) throws SQLException {
        throw new UnsupportedOperationException("this contender does not publish the rows that a table has");
    }

    /** The topics of these rows. */
    default List<String> topicsOfRows(String table) {
        return topics(table);
    }

    /** The topics of records that say that all rows of a table were published. */
    default List<String> topicsOfEnds(String table) {
        return List.of();
    }

    /** Deletes the connector and everything that it has installed. */
    @Override
    void close() throws SQLException;
}
