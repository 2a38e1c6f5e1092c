package io.ectowatch.quickstart;

import io.ectowatch.testkit.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The database {@code shop} with three small tables, one of which has a key of two columns. */
final class ShopDatabase {

    static final String NAME = "shop";
    static final List<String> TABLES = List.of("customers", "orders", "order_items");

    private final PostgresServer server;

    ShopDatabase(PostgresServer server) {
        this.server = server;
    }

    /** Creates the database and the empty tables. */
    void create() throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + NAME);
        }
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(schema());
        }
    }

    Connection connect() throws SQLException {
        return server.connect(NAME);
    }

    private static String schema() {
        try (InputStream in = ShopDatabase.class.getResourceAsStream("shop.sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
