package io.ectowatch.benchmarks.contender;

import java.sql.SQLException;
import java.util.List;

/** A contender at work. */
public interface Running extends AutoCloseable {

    /** Where the records of a table arrive. */
    List<String> topics(String table);

    /** A way to make changes of that table, one at a time; the caller closes it. */
    Changes changes(String table) throws SQLException;

    /** Ends its task as Connect does on {@code PUT /stop}, and returns when it is gone. Triggers and slots stay. */
    void stop();

    /** Makes a backlog while it is stopped: so many changes, with so many rows in each transaction's statement. */
    void pileUp(String table, int changes, int rowsPerStatement) throws SQLException;

    /** Has it go on; returns at once. */
    void resume();

    /** Removes it with everything it has installed. */
    @Override
    void close() throws SQLException;
}
