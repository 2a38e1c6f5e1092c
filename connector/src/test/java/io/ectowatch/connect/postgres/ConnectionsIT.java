package io.ectowatch.connect.postgres;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.ectowatch.connect.testing.FaultyProxy;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.wiring.Components;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** What our sessions do to others. */
class ConnectionsIT {

    @NewDatabase
    private TestDatabase database;

    /** A writer of the application would wait for the locks of a host that is not there any more. */
    @Test
    void aHostThatDiesWithinATransactionOfTheConnectorDoesNotKeepItsLocks() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(database.host(), database.port())) {
            database.execute("CREATE TABLE users (id int PRIMARY KEY)");
            Connections connections = Components.connections(Watching.config(
                    database,
                    "tables=users",
                    "connection.url=jdbc:postgresql://localhost:" + proxy.port() + "/" + database.name(),
                    "connection.timeout.ms=1000"));
            Connection ours = connections.open();
            ours.setAutoCommit(false);
            try (Statement statement = ours.createStatement()) {
                statement.execute("LOCK TABLE public.users IN SHARE ROW EXCLUSIVE MODE");
                proxy.swallowEverything();
                assertThatCode(() -> database.execute("SET lock_timeout = '30s'; INSERT INTO users VALUES (1)"))
                        .doesNotThrowAnyException();
            }
        }
    }
}
