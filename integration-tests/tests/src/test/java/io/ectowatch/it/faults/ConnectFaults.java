package io.ectowatch.it.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.tools.attach.VirtualMachine;
import io.ectowatch.it.faults.Fault.Injection;
import io.ectowatch.testkit.ConnectRestException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Faults of the worker, its connector and its task, and of the broker; also what operators do to a connector. */
final class ConnectFaults {

    private final Parts parts;

    private ConnectFaults(Parts parts) {
        this.parts = parts;
    }

    static List<Fault> of(Parts parts) {
        ConnectFaults faults = new ConnectFaults(parts);
        return List.of(
                new Fault("worker killed", 2, faults::killWorker),
                new Fault("worker out of memory", 2, faults::exhaustMemory),
                new Fault("worker stalled", 5, injection -> faults.stall(injection, parts.worker(), 200, 1500)),
                new Fault("broker killed", 2, faults::killBroker),
                new Fault("broker stalled", 5, injection -> faults.stall(injection, parts.broker(), 200, 1500)),
                new Fault("task failed", 3, faults::failTask),
                new Fault("task restarted", 6, faults::restart),
                new Fault("connector paused", 6, faults::pause),
                new Fault("connector stopped", 6, faults::stop),
                new Fault("connector reconfigured", 5, faults::reconfigure),
                new Fault("workers rebalanced", 4, faults::rebalance),
                new Fault("offsets altered", 6, faults::alterOffsets));
    }

    private void killWorker(Injection injection) throws Exception {
        parts.stack().connect().killHard();
        injection.over();
        parts.startWorker();
    }

    /** Loads an agent into the worker that fills its heap. The worker exits on an OutOfMemoryError. */
    private void exhaustMemory(Injection injection) throws Exception {
        long pid = parts.worker();
        Path agent = ballastAgent();
        try {
            VirtualMachine worker = VirtualMachine.attach(Long.toString(pid));
            try {
                worker.loadAgent(agent.toString());
            } finally {
                worker.detach();
            }
        } catch (IOException e) {
            injection.note("exits while the agent is loaded");
        }
        ProcessHandle.of(pid)
                .ifPresent(process ->
                        process.onExit().orTimeout(60, TimeUnit.SECONDS).join());
        Files.delete(agent);
        injection.over();
        parts.startWorker();
    }

    private static Path ballastAgent() throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Agent-Class", BallastAgent.class.getName());
        Path jar = Files.createTempFile("ballast", ".jar");
        String name = BallastAgent.class.getName().replace('.', '/') + ".class";
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest);
                InputStream in = BallastAgent.class.getClassLoader().getResourceAsStream(name)) {
            out.putNextEntry(new JarEntry(name));
            in.transferTo(out);
        }
        return jar;
    }

    private void stall(Injection injection, long process, int low, int high) throws Exception {
        Parts.signal("STOP", List.of(process));
        try {
            injection.hold(low, high);
        } finally {
            Parts.signal("CONT", List.of(process));
        }
    }

    private void killBroker(Injection injection) {
        parts.stack().kafka().kill();
        injection.over();
        parts.stack().kafka().start();
    }

    /** The task cannot log in, so it fails. */
    private void failTask(Injection injection) throws Exception {
        parts.database().execute("ALTER ROLE " + parts.role() + " PASSWORD 'other'");
        try {
            parts.rest().restart(parts.connector());
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (!parts.rest().status(parts.connector()).anyFailed() && System.nanoTime() < deadline) {
                Thread.sleep(30);
            }
            injection.note(parts.rest().status(parts.connector()).anyFailed() ? "FAILED" : "did not fail");
        } finally {
            parts.database().execute("ALTER ROLE " + parts.role() + " PASSWORD 'right'");
        }
        injection.over();
        parts.rest().restart(parts.connector());
    }

    private void restart(Injection injection) {
        injection.over();
        parts.rest().restart(parts.connector());
    }

    private void pause(Injection injection) throws Exception {
        parts.rest().pause(parts.connector());
        parts.awaitState(parts.connector(), "PAUSED");
        injection.hold(0, 500);
        injection.over();
        parts.rest().resume(parts.connector());
    }

    private void stop(Injection injection) throws Exception {
        parts.rest().stop(parts.connector());
        parts.awaitState(parts.connector(), "STOPPED");
        injection.hold(0, 500);
        injection.over();
        parts.rest().resume(parts.connector());
    }

    private void reconfigure(Injection injection) {
        Map<String, String> config = new HashMap<>(parts.config());
        int records = injection.between(1, 500);
        injection.note("batch.max.records=" + records);
        config.put("batch.max.records", Integer.toString(records));
        injection.over();
        parts.rest().putConnector(parts.connector(), config);
    }

    /** A connector is created and deleted beside this one, so the group rebalances twice. */
    private void rebalance(Injection injection) throws Exception {
        Map<String, String> config = parts.database().watching("aside");
        config.put("connection.user", parts.role());
        config.put("connection.password", "right");
        config.put("topic.prefix", parts.database().name() + "-aside");
        if (parts.exactlyOnce()) {
            config.put("exactly.once.support", "required");
        }
        String name = parts.database().connector("aside");
        parts.rest().putConnector(name, config);
        parts.awaitState(name, "RUNNING");
        injection.over();
        parts.rest().delete(name);
    }

    /** The connector reads again what was changed in the seconds before. Those records arrive twice, as requested. */
    private void alterOffsets(Injection injection) throws Exception {
        long since = now() - injection.between(1000, 4000);
        parts.rest().stop(parts.connector());
        parts.awaitState(parts.connector(), "STOPPED");
        JsonNode offsets = parts.rest().offsets(parts.connector()).get("offsets");
        try {
            if (offsets.isEmpty()) {
                injection.note("no offset");
            } else {
                parts.rest()
                        .alterOffset(parts.connector(), offsets.get(0).get("partition"), Map.of("timestamp", since));
                injection.note("altered");
            }
        } catch (ConnectRestException e) {
            injection.note("refused: " + e.getMessage().lines().findFirst().orElse(""));
        }
        injection.over();
        parts.rest().resume(parts.connector());
    }

    private long now() throws Exception {
        try (Connection connection = parts.database().connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT (date_part('epoch', clock_timestamp()) * 1000)::int8")) {
            row.next();
            return row.getLong(1);
        }
    }
}
