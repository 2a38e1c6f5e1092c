package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ectowatch.connect.testing.DdlLog;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Logins that change, as a secrets engine makes them: what one has made the next one works with. */
class ConnectionRoleIT {

    @NewDatabase
    private TestDatabase database;

    private String owner;
    private String[] logins;

    @BeforeEach
    void anOwnerAndTwoMembersOfIt() throws Exception {
        owner = "Owner of " + database.name();
        logins = new String[] {database.role("first"), database.role("second")};
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY)",
                "CREATE ROLE \"" + owner + "\" NOLOGIN",
                "GRANT CREATE ON DATABASE " + database.name() + " TO \"" + owner + "\"",
                "GRANT TRIGGER ON users TO \"" + owner + "\"",
                "ALTER ROLE " + logins[0] + " NOINHERIT",
                "ALTER ROLE " + logins[1] + " NOINHERIT",
                "GRANT \"" + owner + "\" TO " + logins[0] + ", " + logins[1]);
    }

    @InBothDeliveries
    void theNextLoginGoesOnWhereTheLastOneWas(String delivery) throws Exception {
        Map<String, ?> offset;
        try (Watching watching = Watching.start(database, settings(logins[0], delivery))) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(all -> watching.published().contains("public.users inserted [1]"));
            offset = watching.lastOffset();
            watching.commit();
        }
        database.awaitNoTask();
        assertThat(database.column("SELECT DISTINCT owner::regrole::text FROM ("
                        + "SELECT relowner AS owner FROM pg_class WHERE relnamespace = 'ectowatch'::regnamespace"
                        + " UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'ectowatch'::regnamespace"
                        + " UNION ALL SELECT nspowner FROM pg_namespace WHERE nspname = 'ectowatch') AS o"))
                .containsExactly("\"" + owner + "\"");
        // It owns nothing and nothing was granted to it, so it can go.
        database.execute("DROP ROLE " + logins[0]);

        DdlLog log = DdlLog.start(database);
        try (Watching watching = Watching.resume(database, offset, settings(logins[1], delivery))) {
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(all -> watching.published().contains("public.users inserted [2]"));
            assertThat(log.take()).isEmpty();
            watching.commit();
        }
        // Something else is wanted: what is there has to be replaced.
        Watching.resume(database, offset, ReviewedInstallation.with(settings(logins[1], delivery), "events=inserted"))
                .close();
        assertThat(database.column("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
                .contains("ectowatch.shop.insert")
                .doesNotContain("ectowatch.shop.delete");
    }

    @InBothDeliveries
    void whatIsPrintedForTheRoleIsVerifiedByEachLogin(String delivery) throws Exception {
        String[] print = ReviewedInstallation.with(settings(logins[0], delivery), ReviewedInstallation.PRINT);
        String sql = new EctoWatchSourceConnector()
                .validate(Watching.config(database, print).originalsStrings()).configValues().stream()
                        .filter(value -> value.name().equals("install.sql"))
                        .map(value -> (String) value.value())
                        .findFirst()
                        .orElseThrow();
        assertThat(sql).contains("TO \"" + owner + "\"").doesNotContain("TO \"" + logins[0]);
        database.execute(sql);
        for (int i = 0; i < logins.length; i++) {
            String[] verify = ReviewedInstallation.with(settings(logins[i], delivery), ReviewedInstallation.VERIFY);
            String expected = "public.users inserted [" + i + "]";
            try (Watching watching = Watching.start(database, verify)) {
                database.execute("INSERT INTO users VALUES (" + i + ")");
                watching.changes(all -> watching.published().contains(expected));
            }
            database.awaitNoTask();
        }
    }

    @Test
    void aLoginThatMayNotBecomeTheRoleGetsTheGrantToRun() throws Exception {
        String stranger = database.role("stranger");
        assertThat(Validation.errors(database, settings(stranger, "durable")))
                .containsOnlyKeys("connection.role")
                .hasEntrySatisfying("connection.role", message -> assertThat(message)
                        .contains("is not allowed to SET ROLE to", "GRANT \"" + owner + "\" TO " + stranger + ";"));

        database.execute("GRANT \"" + owner + "\" TO " + stranger);
        assertThat(Validation.errors(database, settings(stranger, "durable"))).isEmpty();
    }

    @Test
    void aMembershipWithoutTheRightToBecomeTheRoleHasItsOwnMessage() throws Exception {
        assumeTrue(TestDatabase.serverVersion() >= 16, "memberships have no such option before PostgreSQL 16");
        database.execute("GRANT \"" + owner + "\" TO " + logins[0] + " WITH SET FALSE");

        assertThat(Validation.errors(database, settings(logins[0], "durable")))
                .hasEntrySatisfying("connection.role", message -> assertThat(message)
                        .contains("GRANT \"" + owner + "\" TO " + logins[0] + " WITH SET TRUE;"));
    }

    @Test
    void aRoleThatDoesNotExistIsNamed() {
        String[] settings = ReviewedInstallation.with(settings(logins[0], "durable"), "connection.role=other \"own\"");
        assertThat(Validation.errors(database, settings))
                .hasEntrySatisfying("connection.role", message -> assertThat(message)
                        .contains("Role \"other \"\"own\"\"\" does not exist", "CREATE ROLE"));
    }

    @Test
    void privilegesAreAskedOfTheRole() throws Exception {
        database.execute("REVOKE TRIGGER ON users FROM \"" + owner + "\"", "GRANT TRIGGER ON users TO " + logins[0]);
        assertThat(Validation.errors(database, settings(logins[0], "durable")))
                .hasEntrySatisfying(
                        "tables", message -> assertThat(message).contains("GRANT TRIGGER", "TO \"" + owner + "\""));
    }

    private String[] settings(String login, String delivery) {
        return new String[] {
            "connection.user=" + login, "connection.role=" + owner, "tables=users", "delivery.mode=" + delivery
        };
    }
}
