package io.ectowatch.quickstart;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ectowatch.testkit.PostgresServer;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Shows changes, a loss and its repair, a hot row and a slow standby, with a sentence about each. */
final class Tour {

    private static final int CHANGES = 5;
    private static final int UPDATES = 1000;
    private static final String CITY = "SELECT city FROM customers WHERE id = 1";
    private static final String LSN = "ectowatch.lsn";

    private final Screen screen;
    private final Stack stack;
    private final ShopDatabase shop;
    private final TopicReader reader;
    private final Duration timeout;

    /**
     * Starts nothing.
     *
     * @param timeout for the records of the first part, and for the standby
     */
    Tour(Screen screen, Stack stack, ShopDatabase shop, TopicReader reader, Duration timeout) {
        this.screen = screen;
        this.stack = stack;
        this.shop = shop;
        this.reader = reader;
        this.timeout = timeout;
    }

    /** Whether {@code -Dquickstart.tour} asks for the tour. */
    static boolean wanted() {
        String asked = System.getProperty("quickstart.tour");
        return asked != null && !asked.equals("false");
    }

    /** Adds what the tour needs to the connector's config. */
    static void configure(ObjectNode config) {
        config.put("collapse", "always").put("lsn", "header");
    }

    /** Returns whether everything arrived. The error of what does not arrive later shows what did. */
    boolean run() throws SQLException {
        screen.title("1. Changes");
        screen.text("Each change of a row becomes one record. Its key is the primary key of the row.");
        try (SampleChanges changes = new SampleChanges(shop.connect())) {
            if (!new Demonstration(screen, changes, reader, timeout).run(CHANGES)) {
                return false;
            }
        }
        try (Connection connection = shop.connect();
                Statement statement = connection.createStatement()) {
            lossAndRepair(statement);
            hotRow(statement);
            slowStandby(statement);
        }
        screen.blank();
        screen.text("This was the tour. connector/docs/index.md lists all pages of the documentation.");
        return true;
    }

    private void lossAndRepair(Statement statement) throws SQLException {
        screen.title("2. A change that no trigger sees");
        screen.text("A consumer has a copy of customers. Now a change escapes the triggers.");
        screen.text("The connector finds that within seconds, and announces it with resync: read the table again.");
        String copy = value(statement, CITY);
        execute(statement, "ALTER TABLE customers DISABLE TRIGGER USER");
        execute(statement, "UPDATE customers SET city = 'Nowhere' WHERE id = 1");
        execute(statement, "ALTER TABLE customers ENABLE TRIGGER USER");
        screen.fact("table and copy", value(statement, CITY), copy);
        screen.blank();
        show(reader.await(record -> record.topic().equals("ectowatch.customers.resync")));
        copy = value(statement, CITY); // What the consumer does on a resync.
        screen.fact("table and copy", value(statement, CITY), copy);
    }

    private void hotRow(Statement statement) throws SQLException {
        screen.title("3. A hot row");
        screen.text(
                "With collapse=always, the updates of a row that wait together become one record, with their count.");
        execute(statement, """
                DO $$ BEGIN FOR n IN 1..%d LOOP
                    UPDATE order_items SET quantity = n WHERE order_id = 1 AND line = 1; END LOOP; END $$""".formatted(UPDATES));
        int records = 0;
        for (int count = 0; count < UPDATES; records++) {
            ReceivedRecord record =
                    reader.await(candidate -> candidate.topic().equals("ectowatch.order_items.updated"));
            show(record);
            count += record.value().path("count").asInt();
        }
        screen.fact("updates and records", Integer.toString(UPDATES), Integer.toString(records));
    }

    private void slowStandby(Statement statement) throws SQLException {
        screen.title("4. A slow standby");
        screen.text(
                "A consumer reads the changed row from a standby, which is behind. With lsn=header, each record says");
        screen.text("which LSN the standby must have replayed. The consumer waits for it, and then reads the new row.");
        Optional<PostgresServer> standby = stack.startStandby();
        if (standby.isEmpty()) {
            screen.text("This stack has no standby. mvn -Pquickstart -Dquickstart.tour starts one that has.");
            return;
        }
        try (Connection connection = standby.get().connect(ShopDatabase.NAME);
                Statement onStandby = connection.createStatement()) {
            onStandby.execute("SELECT pg_wal_replay_pause()");
            await(onStandby, "SELECT pg_get_wal_replay_pause_state() = 'paused'");
            execute(statement, "UPDATE customers SET city = 'Lisbon' WHERE id = 1");
            ReceivedRecord record = reader.await(candidate -> candidate.topic().equals("ectowatch.customers.updated"));
            show(record);
            String lsn = record.headers().get(LSN);
            screen.fact(LSN, lsn);
            screen.fact("standby, at once", value(onStandby, CITY));
            onStandby.execute("SELECT pg_wal_replay_resume()");
            await(onStandby, "SELECT pg_last_wal_replay_lsn() >= '" + lsn + "'");
            screen.fact("standby, at the LSN", value(onStandby, CITY));
        }
    }

    private void execute(Statement statement, String sql) throws SQLException {
        screen.statement(sql);
        statement.execute(sql);
    }

    private void show(ReceivedRecord record) {
        screen.record(record, "");
    }

    private void await(Statement statement, String condition) throws SQLException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!value(statement, condition).equals("t")) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not true after %d s: %s".formatted(timeout.toSeconds(), condition));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private static String value(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
