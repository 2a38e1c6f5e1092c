package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Inserts many rows fast: inside the server and with asynchronous commits. */
final class Backlog {

    private final Environment environment;

    Backlog(Environment environment) {
        this.environment = environment;
    }

    void insert(String table, int rows, int rowsPerStatement) throws SQLException {
        try (Connection connection = environment.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = off");
            statement.execute("""
                    DO $$
                    BEGIN
                        FOR i IN 1 .. %2$d LOOP
                            INSERT INTO %1$s (n, words) SELECT n, 'row number ' || n FROM generate_series(1, %3$d) n;
                            COMMIT;
                        END LOOP;
                    END $$
                    """.formatted(table, rows / rowsPerStatement, rowsPerStatement));
            statement.execute("SET synchronous_commit = on");
            statement.execute("CHECKPOINT"); // So that the server does not write the checkpoint during the measurement.
        }
    }
}
