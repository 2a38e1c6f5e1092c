package io.ectowatch.it.faults;

import com.sun.tools.attach.VirtualMachine;
import com.sun.tools.attach.VirtualMachineDescriptor;
import io.ectowatch.it.TestDatabase;
import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.Stack;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.awaitility.Awaitility;

/**
 * What faults strike.
 *
 * @param role the connector's role, whose password is {@code right}
 * @param config the connector's config
 */
record Parts(
        Stack stack,
        TestDatabase database,
        String connector,
        String role,
        Map<String, String> config,
        boolean exactlyOnce) {

    private static final String SESSIONS = "FROM pg_stat_activity WHERE application_name LIKE 'ectowatch %'";

    ConnectRest rest() {
        return stack.connect().rest();
    }

    /** Waits for a connector's state, in which the connector or a task may also have failed. */
    void awaitState(String name, String state) {
        Awaitility.await(name + " to be " + state)
                .atMost(Duration.ofMinutes(3))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(30))
                .ignoreExceptions()
                .until(() -> rest().status(name).allIn(state));
    }

    /**
     * Starts the worker whose process has ended. Aborts the transactions that its producer has left open, for which the broker
     * would wait until their timeout.
     */
    void startWorker() throws Exception {
        stack.connect().killHard();
        if (exactlyOnce) {
            try (Admin admin = Admin.create(Map.of(
                    AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, stack.kafka().bootstrapServers()))) {
                admin.fenceProducers(List.of("connect-" + connector + "-0"))
                        .all()
                        .get();
            }
        }
        stack.connect().start();
    }

    /** The process ID of the worker. */
    long worker() {
        return process("org.apache.kafka.connect.cli.");
    }

    /** The process ID of the broker. */
    long broker() {
        return process("kafka.Kafka");
    }

    private static long process(String mainClass) {
        Set<String> children = ProcessHandle.current()
                .descendants()
                .map(child -> Long.toString(child.pid()))
                .collect(Collectors.toSet());
        return VirtualMachine.list().stream()
                .filter(machine ->
                        children.contains(machine.id()) && machine.displayName().startsWith(mainClass))
                .map(VirtualMachineDescriptor::id)
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no child process is " + mainClass));
    }

    /** The processes of the connector's sessions in the server. */
    List<Long> sessions() throws SQLException {
        List<Long> ids = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pid " + SESSIONS)) {
            while (row.next()) {
                ids.add(row.getLong(1));
            }
        }
        return ids;
    }

    /** Calls a function of the server with each of the connector's sessions. */
    void callOnSessions(String function) throws SQLException {
        database.execute("SELECT " + function + "(pid) " + SESSIONS);
    }

    /** Sends a signal (a name without {@code SIG}) to processes that may have ended. */
    static void signal(String signal, List<Long> processes) throws IOException, InterruptedException {
        for (long process : processes) {
            new ProcessBuilder("sh", "-c", "kill -s \"$0\" \"$1\" 2>&1", signal, Long.toString(process))
                    .start()
                    .waitFor();
        }
    }
}
