package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import java.sql.Connection;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What keeps a session from working is reported on the setting that it is about, with PostgreSQL's reason. */
class RefusedSessionsIT {

    @NewDatabase
    private TestDatabase database;

    private String role;

    @BeforeEach
    void aTableAndARole() throws Exception {
        role = database.role("limited");
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY)",
                "GRANT TRIGGER, SELECT ON users TO " + role,
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + role);
    }

    @InBothDeliveries
    void aRoleWithTooFewConnectionsIsRefusedBeforeItStarts(String delivery) throws Exception {
        database.execute("ALTER ROLE " + role + " CONNECTION LIMIT 1");
        assertThat(errors("delivery.mode=" + delivery))
                .containsOnlyKeys("connection.user")
                .hasEntrySatisfying("connection.user", message -> assertThat(message)
                        .contains("Role " + role + " has CONNECTION LIMIT 1", "needs 2 sessions"));

        database.execute("ALTER ROLE " + role + " CONNECTION LIMIT 2");
        assertThat(errors("delivery.mode=" + delivery)).isEmpty();
    }

    @Test
    void aDatabaseWithTooFewConnectionsIsRefusedBeforeItStarts() throws Exception {
        database.execute("ALTER DATABASE " + database.name() + " CONNECTION LIMIT 1");
        // The session that set it may not have ended yet.
        await().untilAsserted(() -> assertThat(errors())
                .containsOnlyKeys("connection.url")
                .hasEntrySatisfying("connection.url", message -> assertThat(message)
                        .contains("Database " + database.name() + " has CONNECTION LIMIT 1")));
    }

    @Test
    void whichLimitIsReachedIsSaidAndNotThatOfTheServer() throws Exception {
        database.execute("ALTER ROLE " + role + " CONNECTION LIMIT 1");
        try (Connection first = database.connectAs(role)) {
            assertThat(first.isValid(5)).isTrue();
            assertThat(errors())
                    .containsOnlyKeys("connection.user")
                    .hasEntrySatisfying("connection.user", message -> assertThat(message)
                            .contains("too many connections for role", "CONNECTION LIMIT")
                            .doesNotContain("max_connections"));
            database.execute(
                    "ALTER ROLE " + role + " CONNECTION LIMIT -1",
                    "ALTER DATABASE " + database.name() + " CONNECTION LIMIT 1");
            assertThat(errors())
                    .containsOnlyKeys("connection.url")
                    .hasEntrySatisfying("connection.url", message -> assertThat(message)
                            .contains("too many connections for database", "CONNECTION LIMIT")
                            .doesNotContain("max_connections"));
        }
    }

    /** Neither the table nor its condition needs a lock to be checked. */
    @Test
    void aLockedTableIsValidated() throws Exception {
        database.begin("LOCK TABLE users");
        assertThat(errors(
                        "watchers=kept",
                        "watchers.kept.table=users",
                        "watchers.kept.label=kept",
                        "watchers.kept.events=inserted",
                        "watchers.kept.when=NEW.id > 0"))
                .isEmpty();
    }

    private Map<String, String> errors(String... settings) {
        return Validation.errors(
                database,
                ReviewedInstallation.with(new String[] {"connection.user=" + role, "tables=users"}, settings));
    }
}
