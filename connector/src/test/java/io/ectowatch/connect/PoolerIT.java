package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.PgBouncer;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Path;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A connector behind PgBouncer. Skipped where PgBouncer is not installed. */
class PoolerIT {

    @NewDatabase
    private TestDatabase database;

    @TempDir
    private Path directory;

    @BeforeEach
    void aTable() throws Exception {
        assumeThat(PgBouncer.program()).as("PgBouncer is installed").isPresent();
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void behindApoolerInSessionModeEveryChangeArrives(String delivery) throws Exception {
        try (PgBouncer pooler = PgBouncer.start(directory, database, "session")) {
            String[] settings = {"tables=users", "delivery.mode=" + delivery, "connection.url=" + pooler.url(database)};
            assertThat(Validation.errors(database, settings)).isEmpty();
            try (Watching watching = Watching.start(database, settings)) {
                database.execute("INSERT INTO users VALUES (1)", "DELETE FROM users");
                watching.changes(2);
                assertThat(watching.published())
                        .containsExactly("public.users inserted [1]", "public.users deleted [1]");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"durable,transaction", "notify,transaction", "durable,statement"})
    void aPoolerThatSharesSessionsIsRefusedByTheValidationAndByTheTask(String delivery, String mode) throws Exception {
        try (PgBouncer pooler = PgBouncer.start(directory, database, mode)) {
            String[] settings = {"tables=users", "delivery.mode=" + delivery, "connection.url=" + pooler.url(database)};
            assertThat(Validation.errors(database, settings).toString())
                    .contains("connection.url")
                    .contains("pool");
            try (Watching watching = Watching.begin(database, settings)) {
                assertThatThrownBy(() -> watching.changes(1))
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining("connection.url")
                        .hasMessageContaining("pool");
            }
        }
    }
}
