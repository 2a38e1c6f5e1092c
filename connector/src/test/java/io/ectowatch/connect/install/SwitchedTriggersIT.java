package io.ectowatch.connect.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;

/** A table that gets row triggers, then statement triggers again, while writers change it. */
class SwitchedTriggersIT {

    /** The second column is 1 for a row trigger. */
    private static final String TRIGGERS =
            "SELECT tgname || ' ' || (tgtype & 1) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1";

    private static final List<String> STATEMENT_TRIGGERS =
            List.of("ectowatch.shop.delete 0", "ectowatch.shop.insert 0", "ectowatch.shop.update 0");

    private static final List<String> ROW_TRIGGERS = List.of(
            "ectowatch.shop.public.users.delete 1",
            "ectowatch.shop.public.users.insert 1",
            "ectowatch.shop.public.users.update 1");

    /** The key of the last change. */
    private static final int LAST = -1;

    @NewDatabase
    private TestDatabase database;

    private final AtomicBoolean done = new AtomicBoolean();

    private final Map<Integer, List<Event>> published = new TreeMap<>();

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)");
    }

    @InBothDeliveries
    void everyChangeIsPublishedOnceInItsOrderAndNoStatementFails(String delivery) throws Exception {
        boolean durable = delivery.equals("durable");
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            watch(delivery, null, false).close();
            List<Future<List<Integer>>> writers =
                    List.of(threads.submit(() -> write(1)), threads.submit(() -> write(1_000_000)));
            Map<String, ?> offset = null;
            for (boolean rowTriggers : List.of(true, false, true)) {
                try (Watching watching = watch(delivery, offset, rowTriggers)) {
                    assertThat(database.column(TRIGGERS)).isEqualTo(rowTriggers ? ROW_TRIGGERS : STATEMENT_TRIGGERS);
                    int before = watching.received().size();
                    watching.changes(all ->
                            all.size() > before + 200 && watching.published().contains("public.users resync"));
                    offset = watching.lastOffset();
                    collect(watching);
                }
            }
            done.set(true);
            List<Integer> keys = new ArrayList<>(writers.get(0).get());
            keys.addAll(writers.get(1).get());
            try (Watching watching = watch(delivery, offset, true)) {
                database.execute("INSERT INTO users VALUES (" + LAST + ")");
                watching.changes(all -> watching.published().contains("public.users inserted [" + LAST + "]"));
                collect(watching);
            }
            published.remove(LAST);
            assertThat(keys).containsAll(published.keySet());
            // Without a task, notifications get lost.
            if (durable) {
                assertThat(published.keySet()).containsExactlyElementsOf(keys);
                assertThat(published)
                        .allSatisfy((id, events) -> assertThat(events).isEqualTo(eventsOf(id)));
            } else {
                assertThat(published)
                        .allSatisfy((id, events) -> assertThat(eventsOf(id)).containsSubsequence(events));
            }
        } finally {
            done.set(true);
            threads.shutdown();
            assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    private Watching watch(String delivery, Map<String, ?> offset, boolean rowTriggers) throws Exception {
        return Watching.resume(
                database, offset, "tables=users", "row.triggers=" + rowTriggers, "delivery.mode=" + delivery);
    }

    private void collect(Watching watching) {
        for (Change change : watching.received()) {
            if (change.event() != Event.RESYNC) {
                published
                        .computeIfAbsent((Integer) change.values()[0], id -> new ArrayList<>())
                        .add(change.event());
            }
        }
    }

    /** Returns the keys, in order. */
    private List<Integer> write(int first) throws Exception {
        List<Integer> keys = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (int id = first; !done.get(); id++) {
                statement.execute("INSERT INTO users VALUES (" + id + ")");
                statement.execute("UPDATE users SET n = 1 WHERE id = " + id);
                if (id % 2 == 0) {
                    statement.execute("DELETE FROM users WHERE id = " + id);
                }
                statement.execute("SELECT pg_sleep(0.002)");
                keys.add(id);
            }
        }
        return keys;
    }

    private static List<Event> eventsOf(int id) {
        return id % 2 == 0
                ? List.of(Event.INSERTED, Event.UPDATED, Event.DELETED)
                : List.of(Event.INSERTED, Event.UPDATED);
    }
}
