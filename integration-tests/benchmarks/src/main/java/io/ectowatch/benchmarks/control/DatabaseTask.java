package io.ectowatch.benchmarks.control;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** The base of the control tasks that read from a database: one connection. Every error fails the task. */
abstract class DatabaseTask extends SourceTask {

    private Connection connection;

    @Override
    public final void start(Map<String, String> settings) {
        try {
            connection = DriverManager.getConnection(
                    settings.get("connection.url"),
                    settings.get("connection.user"),
                    settings.get("connection.password"));
            begin(connection, settings, new ControlRecords(settings));
        } catch (SQLException e) {
            throw new ConnectException("the control task cannot start", e);
        }
    }

    @Override
    public final List<SourceRecord> poll() throws InterruptedException {
        try {
            return read();
        } catch (SQLException e) {
            throw new ConnectException("the control task cannot read", e);
        }
    }

    @Override
    public final void stop() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            throw new ConnectException("the control task cannot disconnect", e);
        }
    }

    @Override
    public final String version() {
        return "control";
    }

    abstract void begin(Connection opened, Map<String, String> settings, ControlRecords records) throws SQLException;

    /** The next records, or null if there are no records for a while. */
    abstract List<SourceRecord> read() throws SQLException, InterruptedException;
}
