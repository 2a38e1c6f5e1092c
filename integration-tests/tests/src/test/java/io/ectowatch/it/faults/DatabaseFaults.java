package io.ectowatch.it.faults;

import io.ectowatch.it.faults.Fault.Injection;
import io.ectowatch.testkit.PostgresServer.StopMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Faults of the database server. */
final class DatabaseFaults {

    private static final int STORM = 4;

    private final Parts parts;

    private DatabaseFaults(Parts parts) {
        this.parts = parts;
    }

    static List<Fault> of(Parts parts) {
        DatabaseFaults faults = new DatabaseFaults(parts);
        return List.of(
                new Fault("database killed", 4, faults::kill),
                new Fault("database crashed (immediate shutdown)", 5, faults::crash),
                new Fault("database restarted (fast shutdown)", 3, faults::restart),
                new Fault("server process of the connector killed", 5, faults::killSessions),
                new Fault("sessions terminated", 9, injection -> faults.call(injection, "pg_terminate_backend")),
                new Fault("statements canceled", 6, injection -> faults.call(injection, "pg_cancel_backend")),
                new Fault("sessions stalled", 6, faults::stallSessions),
                new Fault("lock storm", 7, faults::lockStorm));
    }

    private void kill(Injection injection) {
        parts.stack().postgres().kill();
        injection.over();
        parts.stack().postgres().start();
    }

    private void crash(Injection injection) {
        parts.stack().postgres().stop(StopMode.IMMEDIATE);
        injection.over();
        parts.stack().postgres().start();
    }

    private void restart(Injection injection) {
        parts.stack().postgres().stop(StopMode.FAST);
        injection.over();
        parts.stack().postgres().start();
    }

    /** The server restarts all its processes, and recovers as after a crash. */
    private void killSessions(Injection injection) throws Exception {
        List<Long> sessions = parts.sessions();
        injection.note(sessions.size() + " sessions");
        Parts.signal("KILL", sessions);
    }

    /** Some times in a row, since a canceled statement is repeated. */
    private void call(Injection injection, String function) throws Exception {
        int times = injection.between(1, 5);
        injection.note(times + " times");
        for (int i = 0; i < times; i++) {
            parts.callOnSessions(function);
            Thread.sleep(injection.between(0, 100));
        }
    }

    private void stallSessions(Injection injection) throws Exception {
        List<Long> sessions = parts.sessions();
        Parts.signal("STOP", sessions);
        try {
            injection.hold(200, 1500);
        } finally {
            Parts.signal("CONT", sessions);
        }
    }

    /** Some sessions lock the watched tables for a short time, again and again. */
    private void lockStorm(Injection injection) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(injection.between(300, 1500));
        int held = injection.between(1, 30);
        injection.note("locks for " + held + " ms");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < STORM; i++) {
            String table = WatchedTables.NAMES.get(i % 2);
            Thread thread = new Thread(() -> lock(table, held, end), "locks-" + i);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void lock(String table, int held, long end) {
        try (Connection connection = parts.database().connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (System.nanoTime() < end) {
                statement.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(held));
                connection.commit();
            }
        } catch (SQLException e) {
            // A deadlock with a writer ends this session.
        }
    }
}
