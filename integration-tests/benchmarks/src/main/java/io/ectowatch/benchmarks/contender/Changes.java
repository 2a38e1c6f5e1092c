package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.probe.Timeline;
import java.sql.SQLException;

/** Makes changes one after another. Not thread-safe. */
public interface Changes extends AutoCloseable {

    /** Makes the change with that number. Records the times when COMMIT is sent and when it returns. */
    void make(int number, Timeline timeline) throws Exception;

    @Override
    void close() throws SQLException;
}
