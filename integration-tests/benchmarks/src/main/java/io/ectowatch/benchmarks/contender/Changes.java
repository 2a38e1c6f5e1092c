package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.probe.Timeline;
import java.sql.SQLException;

/** Makes changes, one after another. Belongs to one thread. */
public interface Changes extends AutoCloseable {

    /** Makes the change of that number, and notes when its commit was sent and when it returned. */
    void make(int number, Timeline timeline) throws Exception;

    @Override
    void close() throws SQLException;
}
