package io.ectowatch.connect;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.BeforeEach;

/** A connector whose triggers another role creates, for a role without privileges. */
abstract class ReviewedInstallation {

    static final String PRINT = "install.mode=print";
    static final String VERIFY = "install.mode=verify";

    @NewDatabase
    TestDatabase database;

    String role;

    @BeforeEach
    void tablesAndARoleThatMayDoNothing() throws Exception {
        role = database.role("reader");
        database.execute(
                "CREATE SCHEMA shop",
                "CREATE TABLE shop.users (id int PRIMARY KEY, email text)",
                "CREATE TABLE posts (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
                "CREATE TABLE posts_2026 PARTITION OF posts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
                "GRANT USAGE ON SCHEMA shop TO " + role);
    }

    String[] settings(String delivery) {
        return new String[] {
            "connection.user=" + role,
            "delivery.mode=" + delivery,
            "tables=posts",
            "watchers=named, emptied",
            "watchers.named.table=shop.users",
            "watchers.named.events=inserted,updated",
            "watchers.named.when=NEW.id > 0",
            "watchers.emptied.table=posts",
            "watchers.emptied.events=truncated"
        };
    }

    static String[] with(String[] settings, String... more) {
        String[] all = Arrays.copyOf(settings, settings.length + more.length);
        System.arraycopy(more, 0, all, settings.length, more.length);
        return all;
    }

    String printed(String[] settings) {
        return values(with(settings, PRINT)).stream()
                .filter(value -> value.name().equals("install.sql"))
                .findFirst()
                .map(value -> (String) value.value())
                .orElseThrow();
    }

    List<ConfigValue> values(String[] settings) {
        return new EctoWatchSourceConnector().validate(props(settings)).configValues();
    }

    void start(String[] settings) {
        new EctoWatchSourceConnector().start(props(settings));
    }

    Map<String, String> props(String[] settings) {
        return Watching.config(database, settings).originalsStrings();
    }

    static String awaitInserted(Watching watching) {
        watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.INSERTED));
        return watching.published().get(watching.published().size() - 1);
    }
}
