package io.ectowatch.it.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.it.StackExtension;
import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.Stack;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Patroni moves the primary from node to node while writers write: after crashes, and by a switchover. */
@Tag("database")
@ExtendWith(StackExtension.class)
class PatroniIT {

    private final Stack stack;
    private final ConnectRest rest;

    PatroniIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyCommittedChangeArrivesDespiteFailovers(boolean exactlyOnce) throws Exception {
        String connector = exactlyOnce ? "patroni-once" : "patroni";
        try (PatroniCluster cluster = new PatroniCluster(DebianPrograms.newDirectory("patroni"));
                VersionedLedger ledger = new VersionedLedger(stack, connector, cluster::connect)) {
            stack.connect().restartWithExactlyOnce(exactlyOnce);
            Map<String, String> config = ledger.settings();
            config.put("connection.url", cluster.url());
            config.put("connection.user", cluster.user());
            config.put("connection.password", cluster.password());
            config.put("exactly.once.support", exactlyOnce ? "required" : "requested");
            rest.putConnector(connector, config);
            rest.waitUntilRunning(connector);
            ledger.awaitTriggers();
            ledger.startWriters();
            ledger.awaitTransactions(200);

            cluster.killHard(0);
            cluster.awaitPrimary(1);
            ledger.awaitTransactions(200);
            ledger.awaitResyncs(1);
            cluster.start(0);
            cluster.awaitSynchronousStandby(0);
            ledger.awaitTransactions(200);
            cluster.switchOver(1, 0);
            cluster.awaitPrimary(0);
            cluster.awaitSynchronousStandby(1);
            ledger.awaitTransactions(200);
            ledger.awaitResyncs(2);
            // Patroni starts it again where it was.
            cluster.killPostgres(0);
            ledger.awaitTransactions(200);

            assertThat(cluster.failovers()).isGreaterThanOrEqualTo(2);
            VersionedLedger.Result result = ledger.compare();
            assertThat(result.undone())
                    .as("nothing was published that a standby did not have")
                    .isZero();
            assertThat(result.renumbered()).isZero();
            assertThat(rest.status(connector).tasks())
                    .allSatisfy(task -> assertThat(task.state()).isEqualTo("RUNNING"));
        } finally {
            rest.connectors().stream().filter(connector::equals).forEach(rest::delete);
            stack.connect().restartWithExactlyOnce(false);
        }
    }
}
