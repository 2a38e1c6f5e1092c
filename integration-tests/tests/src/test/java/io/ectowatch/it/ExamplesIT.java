package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ectowatch.testkit.InstalledTriggers;
import io.ectowatch.testkit.PostgresServer;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Creates a connector from each file of {@code config-examples/}, with the address and credentials of the test's
 * database, and checks that the record of a change arrives in the topic that the example describes.
 */
@ExtendWith(StackExtension.class)
class ExamplesIT {

    private static final Path EXAMPLES = Path.of("../../config-examples");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PASSWORD = "the password of the role";

    /** The tables of the examples. */
    private static final String[] SHOP = {
        "CREATE TABLE customers (id int PRIMARY KEY, name text, city text, email text, phone text)",
        "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, status text, total numeric)",
        "CREATE TABLE order_items (order_id int, line int, product text, PRIMARY KEY (order_id, line))",
        "CREATE TABLE posts (id int PRIMARY KEY, title text)",
        "CREATE TABLE comments (id int PRIMARY KEY, post_id int NOT NULL, author_id int NOT NULL)",
        "CREATE TABLE measurements (day date, sensor int, value real, PRIMARY KEY (day, sensor))"
                + " PARTITION BY RANGE (day)",
        "CREATE TABLE measurements_2024 PARTITION OF measurements FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "CREATE SCHEMA audit",
        "CREATE TABLE audit.logins (id int PRIMARY KEY)",
        "CREATE SCHEMA billing",
        "CREATE TABLE billing.invoices (id int PRIMARY KEY)"
    };

    private final Stack stack;
    private final CreatedTopics topics;
    private TestDatabase database;
    private String running;

    ExamplesIT(Stack stack) {
        this.stack = stack;
        topics = new CreatedTopics(stack.kafka());
    }

    @BeforeEach
    void createShop() throws SQLException {
        database = new TestDatabase(stack);
        database.execute(SHOP);
    }

    @AfterEach
    void deleteConnector() {
        if (running != null) {
            stack.connect().rest().delete(running);
        }
    }

    @Test
    void quickstart() throws Exception {
        run("quickstart", 9, "customers", "orders", "order_items");

        database.execute("INSERT INTO order_items VALUES (7101, 1, 'tea')");

        assertThat(received("ectowatch.order_items.inserted", "{'order_id':7101,'line':1}"))
                .extracting(record -> text(record, "event"))
                .isEqualTo("inserted");
    }

    @Test
    void leastPrivilege() throws Exception {
        String role = "owns_little_" + database.name();
        String sql = sqlOfTheList(0).replaceAll("\\bectowatch\\b", role).replace("…", PASSWORD);
        database.execute(sql.split(";\\s*"));
        ObjectNode example = example("least-privilege");
        config(example).put("connection.user", role).put("connection.password", PASSWORD);
        run(example, 3, "customers");

        database.execute("INSERT INTO customers (id) VALUES (7102)");

        received("ectowatch.customers.inserted", "{'id':7102}");
    }

    @Test
    void rotatingCredentials() throws Exception {
        String owner = "owner_" + database.name();
        String login = "login_" + database.name();
        String sql = sqlOfTheList(1).replace("ectowatch_owner", owner).replace("ectowatch_1", login);
        database.execute(sql.replace("…", PASSWORD).split(";\\s*"));
        ObjectNode example = example("rotating-credentials");
        config(example)
                .put("connection.user", login)
                .put("connection.password", PASSWORD)
                .put("connection.role", owner);
        run(example, 3, "orders");

        database.execute("INSERT INTO orders (id) VALUES (7112)");

        received("ectowatch.orders.inserted", "{'id':7112}");
    }

    @Test
    void exactlyOnce() throws Exception {
        withExactlyOnce(() -> {
            run("exactly-once", 6, "orders", "order_items");

            database.execute("INSERT INTO orders (id) VALUES (7103)");

            received("ectowatch.orders.inserted", "{'id':7103}");
        });
    }

    @Test
    void wholeTransactions() throws Exception {
        withExactlyOnce(() -> {
            run("whole-transactions", 6, "orders", "order_items");

            database.execute("BEGIN; INSERT INTO orders (id) VALUES (7114);"
                    + " INSERT INTO order_items (order_id, line) VALUES (7114, 1); COMMIT");

            received("ectowatch.orders.inserted", "{'id':7114}");
            received("ectowatch.order_items.inserted", "{'order_id':7114,'line':1}");
        });
    }

    private interface Steps {
        void run() throws Exception;
    }

    private void withExactlyOnce(Steps steps) throws Exception {
        stack.connect().restartWithExactlyOnce(true);
        try {
            steps.run();
        } finally {
            deleteConnector();
            running = null;
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    @Test
    void labelsAndColumns() throws Exception {
        run("labels-and-columns", 3, "customers", "orders");

        database.execute(
                "INSERT INTO customers VALUES (7104, 'Ann', 'Ulm', 'ann@old', '1')",
                "UPDATE customers SET city = 'Bonn', email = 'ann@new'",
                "INSERT INTO orders VALUES (7104, 7104, 'new', 999)",
                "UPDATE orders SET total = 1000");

        JsonNode contact =
                received("ectowatch.customer_contact_changed", "{'id':7104}").value();
        assertThat(contact.get("values")).isEqualTo(json("{'name':'Ann','email':'ann@new','phone':'1'}"));
        assertThat(contact.get("old")).isEqualTo(json("{'name':'Ann','email':'ann@old','phone':'1'}"));
        assertThat(contact.get("changed")).isEqualTo(json("['city','email']"));
        ReceivedRecord order = received("ectowatch.big_order", "{'id':7104}");
        assertThat(text(order, "event")).isEqualTo("updated");
        assertThat(order.value().get("values")).isEqualTo(json("{'customer_id':7104,'total':'1000'}"));
    }

    @Test
    void associationKeys() throws Exception {
        run("association-keys", 6, "posts", "comments");

        database.execute("INSERT INTO comments VALUES (1, 7105, 7106)");

        assertThat(received("blog.comments-by-post", "{'post_id':7105}").value().get("key"))
                .isEqualTo(json("{'id':1}"));
        received("blog.comments-by-author", "{'author_id':7106}");
    }

    @Test
    void oneTopicPerTable() throws Exception {
        run("one-topic-per-table", 6, "customers", "orders");

        database.execute("INSERT INTO customers (id) VALUES (7107)", "DELETE FROM customers");

        topics.awaitTopic("ectowatch.customers");
        assertThat(topics.cleanupPolicy("ectowatch.customers")).isEqualTo("compact");
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), "ectowatch.customers")) {
            JsonNode key = json("{'id':7107}");
            assertThat(reader.await(3))
                    .allSatisfy(record -> assertThat(record.key()).isEqualTo(key))
                    .extracting(record -> record.value() == null ? "tombstone" : text(record, "event"))
                    .containsExactly("inserted", "deleted", "tombstone");
        }

        // A resync record has no key, and Kafka rejects records without a key in a compacted topic.
        database.execute("ALTER TABLE customers DISABLE TRIGGER USER", "INSERT INTO customers (id) VALUES (7108)");
        topics.awaitTopic("ectowatch.customers.resync");
        assertThat(topics.cleanupPolicy("ectowatch.customers.resync")).isEqualTo("delete");
        await().until(() -> disabledTriggers() == 0);
        database.execute("DELETE FROM customers");
        received("ectowatch.customers", "{'id':7108}");
    }

    @Test
    void schemaPerTenant() throws Exception {
        database.execute(
                "CREATE SCHEMA tenant_1",
                "CREATE TABLE tenant_1.customers (id int PRIMARY KEY)",
                "CREATE TABLE tenant_1.orders (id int PRIMARY KEY)",
                "CREATE SCHEMA tenant_2",
                "CREATE TABLE tenant_2.customers (id int PRIMARY KEY)");
        run("schema-per-tenant", 9, "tenant_1.customers", "tenant_1.orders", "tenant_2.customers");

        database.execute(
                "INSERT INTO tenant_1.customers VALUES (7113)", "INSERT INTO tenant_2.customers VALUES (7113)");

        received("ectowatch.customers", "{'schema':'tenant_1','id':7113}");
        received("ectowatch.customers", "{'schema':'tenant_2','id':7113}");
    }

    @Test
    void partitionedTables() throws Exception {
        run("partitioned-tables", 6, "measurements", "audit.logins");

        database.execute(
                "INSERT INTO measurements_2024 VALUES ('2024-02-29', 7109, 1.5)",
                "INSERT INTO audit.logins VALUES (7109)");

        received("ectowatch.public.measurements.inserted", "{'day':'2024-02-29','sensor':7109}");
        received("ectowatch.audit.logins.inserted", "{'id':7109}");
    }

    /** Keeps the list of hosts, of which the first is down. Removes the TLS settings, because the server has no TLS. */
    @Test
    void tlsAndSeveralHosts() throws Exception {
        ObjectNode example = example("tls-and-several-hosts");
        String url = stack.postgres().connectorUrl(database.name());
        config(example)
                .remove(List.of("connection.properties.sslmode", "connection.properties.sslrootcert"))
                .put(
                        "connection.url",
                        url.replaceFirst("//([^:/]+)(:\\d+)", "//$1:1,$1$2") + "?targetServerType=primary");
        run(example, 6, "customers", "orders");

        database.execute("INSERT INTO customers (id) VALUES (7110)");

        received("ectowatch.customers.inserted", "{'id':7110}");
    }

    @Test
    void routingAndCloudEvents() throws Exception {
        run("routing-and-cloudevents", 6, "customers", "billing.invoices");

        database.execute("INSERT INTO billing.invoices VALUES (7111)");

        Map<String, String> headers = received("billing-events", "{'id':7111}").headers();
        assertThat(headers)
                .containsEntry("ce_specversion", "1.0")
                .containsEntry("ce_type", "ectowatch.inserted")
                .containsEntry("ce_source", "ectowatch/routing-and-cloudevents/billing.invoices")
                .containsEntry("ce_subject", "7111")
                .containsEntry("content-type", "application/json")
                .containsKeys("ce_id", "ce_time");
    }

    /** Each example has a test of the same name. */
    @Test
    void everyExampleHasATest() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            List<String> tests = Stream.of(getClass().getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Test.class))
                    .map(method -> method.getName().toLowerCase(Locale.ROOT))
                    .toList();
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".json")))
                    .isNotEmpty()
                    .allSatisfy(name ->
                            assertThat(tests).contains(name.replace(".json", "").replace("-", "")));
        }
    }

    private void run(String name, int triggers, String... tables) throws Exception {
        run(example(name), triggers, tables);
    }

    /** Creates the connector and waits until these tables have this number of triggers. */
    private void run(ObjectNode example, int triggers, String... tables) {
        running = example.get("name").asText();
        stack.connect().rest().postConnector(example);
        stack.connect().rest().waitUntilRunning(running);
        InstalledTriggers.await(stack.postgres(), database.name(), running, List.of(tables), triggers);
    }

    /** The example with the address and the superuser of the stack's database. */
    private ObjectNode example(String name) throws IOException {
        ObjectNode example =
                (ObjectNode) JSON.readTree(EXAMPLES.resolve(name + ".json").toFile());
        assertThat(example.get("name").asText()).isEqualTo(name);
        ObjectNode config = config(example);
        PostgresServer postgres = stack.postgres();
        config.put("connection.url", postgres.connectorUrl(database.name()))
                .put("connection.user", postgres.user())
                .put("connection.password", postgres.password());
        return example;
    }

    private static ObjectNode config(ObjectNode example) {
        return (ObjectNode) example.get("config");
    }

    /** The SQL of a code block of the examples' README, numbered from 0. */
    private static String sqlOfTheList(int index) throws IOException {
        Matcher block = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(EXAMPLES.resolve("README.md")));
        for (int skipped = 0; skipped <= index; skipped++) {
            assertThat(block.find()).isTrue();
        }
        return block.group(1).strip();
    }

    /** Waits for the first record with that key. Subscribes only when the connector has created the topic. */
    private ReceivedRecord received(String topic, String key) throws Exception {
        topics.awaitTopic(topic);
        JsonNode wanted = json(key);
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topic)) {
            return reader.await(record -> wanted.equals(record.key()));
        }
    }

    private long disabledTriggers() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static String text(ReceivedRecord record, String field) {
        return record.value().get(field).asText();
    }

    /** Parses JSON that has single quotes in place of double quotes. */
    private static JsonNode json(String text) throws IOException {
        return JSON.readTree(text.replace('\'', '"'));
    }
}
