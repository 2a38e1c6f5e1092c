package io.ectowatch.connect.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever an administrator alters about the connector's objects, the application's statements succeed. */
class AlteredObjectsIT {

    private TestDatabase database;

    @BeforeEach
    void begin() throws Exception {
        database = TestDatabase.create();
        database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)");
    }

    @AfterEach
    void close() {
        database.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER SCHEMA ectowatch OWNER TO postgres",
                "REVOKE ALL ON SCHEMA ectowatch FROM %s",
                "ALTER SCHEMA ectowatch RENAME TO other",
                "ALTER SEQUENCE ectowatch.\"shop.ring\" OWNER TO postgres",
                "ALTER SEQUENCE ectowatch.\"shop.ring\" RENAME TO other",
                "ALTER SEQUENCE ectowatch.\"shop.lost\" OWNER TO postgres",
                "ALTER FUNCTION ectowatch.\"shop.append\" RENAME TO other",
                "REVOKE ALL ON FUNCTION ectowatch.\"shop.append\" FROM %s",
                "ALTER FUNCTION ectowatch.\"shop.order\" RENAME TO other",
                "REVOKE ALL ON FUNCTION ectowatch.\"shop.order\" FROM %s",
                "ALTER FUNCTION ectowatch.\"shop.guard\" RENAME TO other",
                "ALTER TABLE ectowatch.\"shop.journal.0\" RENAME TO other"
            })
    void aWriterGoesOn(String alteration) throws Exception {
        String role = database.role("connector");
        database.execute("CREATE SCHEMA ectowatch AUTHORIZATION " + role, "GRANT TRIGGER ON users TO " + role);
        Watching.start(database, "tables=users", "connection.user=" + role).close();
        try (Connection connection = database.connect();
                Statement before = connection.createStatement()) {
            write(before, 10_000);
            long rows = 3 * database.number("SELECT count(*) FROM users");
            database.execute(alteration.formatted(role));
            write(before, 20_000);
            try (Connection other = database.connect();
                    Statement after = other.createStatement()) {
                write(after, 30_000);
            }
            assertThat(database.number("SELECT count(*) FROM users")).isEqualTo(rows);
        }
    }

    private static void write(Statement statement, int from) throws Exception {
        for (int id = from; id < from + 600; id++) {
            statement.execute("INSERT INTO users VALUES (" + id + ")");
        }
        statement.execute("UPDATE users SET n = 1");
        statement.execute("UPDATE users SET id = -id WHERE id IN (" + from + ", " + (from + 1) + ")");
        statement.execute("DELETE FROM users WHERE id < 0");
        statement.execute("INSERT INTO users VALUES (" + (from + 1000) + "), (" + (from + 1002) + ")");
        statement.execute("DELETE FROM users WHERE id = " + (from + 500));
        // Here the triggers fire in another order than that of the changes.
        statement.execute("WITH gone AS (DELETE FROM users WHERE id BETWEEN " + (from + 10) + " AND " + (from + 20)
                + " RETURNING id) INSERT INTO users SELECT id FROM gone");
        statement.execute("WITH gone AS (DELETE FROM users WHERE id = " + (from + 30)
                + " RETURNING id) INSERT INTO users SELECT id FROM gone");
    }
}
