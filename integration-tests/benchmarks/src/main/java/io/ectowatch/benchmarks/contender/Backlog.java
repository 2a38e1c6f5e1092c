package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Arena;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Inserts many rows fast: within the server, and without waiting for the disk at each commit. */
final class Backlog {

    private final Arena arena;

    Backlog(Arena arena) {
        this.arena = arena;
    }

    void pileUp(String table, int rows, int rowsPerStatement) throws SQLException {
        try (Connection connection = arena.connect();
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
            statement.execute("CHECKPOINT"); // So that nobody drains while the server writes it out.
        }
    }
}
