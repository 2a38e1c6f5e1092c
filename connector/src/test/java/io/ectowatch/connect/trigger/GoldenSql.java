package io.ectowatch.connect.trigger;

import static io.ectowatch.connect.watch.RecordedTable.deferrable;
import static io.ectowatch.connect.watch.RecordedTable.ordinary;
import static io.ectowatch.connect.watch.RecordedTable.partitioned;

import io.ectowatch.connect.backfill.RecordedReadFunction;
import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.Version;
import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.install.objects.BaseObjectSql;
import io.ectowatch.connect.install.objects.LayoutNumbers;
import io.ectowatch.connect.install.objects.LayoutRegistry;
import io.ectowatch.connect.install.objects.RolePrivileges;
import io.ectowatch.connect.install.objects.SpareTables;
import io.ectowatch.connect.install.objects.UninstallFunction;
import io.ectowatch.connect.install.plan.InstallPlan;
import io.ectowatch.connect.install.plan.InstallScript;
import io.ectowatch.connect.install.plan.Step;
import io.ectowatch.connect.install.plan.Unwatched;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.watch.RecordedTable;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.wiring.Components;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The SQL that the connector runs in a database, for a choice of tables and settings: each is a file among the test's
 * resources, complete as {@code install.mode=print} prints it, so that a change of the SQL can be read as such.
 *
 * @param file its name, without {@code .sql}
 * @param table the watched table
 * @param settings the connector's settings
 * @param changes statements that change the table
 * @param events what the connector publishes of these, as {@link Watching#published()} has it
 */
record GoldenSql(String file, RecordedTable table, List<String> settings, List<String> changes, List<String> events) {

    static final Path DIRECTORY = Path.of("src/test/resources/io/ectowatch/connect/trigger/golden");

    private static final String VERSION = "1.0.0";

    /** The role that the connector connects as. */
    static final String ROLE = "connect";

    private static final RecordedTable ITEMS = ordinary("items", "id", "id int4 NOT NULL", "name text");
    private static final RecordedTable PLACES =
            ordinary("places", "country, code", "country text NOT NULL", "code text NOT NULL", "name text");
    private static final RecordedTable READINGS =
            partitioned("readings", "at, sensor", "at timestamptz NOT NULL", "sensor int8 NOT NULL", "value numeric");
    private static final RecordedTable USERS = ordinary(
            "users",
            "id",
            "id int8 NOT NULL",
            "email text NOT NULL",
            "tenant int4 NOT NULL",
            "active bool",
            "seen date");

    private static final String ALL = "events=inserted,updated,deleted,truncated";
    private static final String NOTIFY = Watching.NOTIFY;

    private static final String CONTEXT = "context.allowed=true";
    private static final String ACTOR = "actor=true";

    private static final String[] FILTERED = {
        "watchers=contact,audit",
        "watchers.contact.table=users",
        "watchers.contact.events=inserted,updated",
        "watchers.contact.columns=email,active",
        "watchers.contact.when=NEW.active AND NEW.email NOT LIKE '%@example.com'",
        "watchers.contact.extra.columns=email",
        "watchers.contact.old.values=true",
        "watchers.audit.table=users",
        "watchers.audit.events=updated,deleted",
        "watchers.audit.include.changed.columns=true",
        "watchers.audit.label=audit"
    };

    private static final List<String> CHANGES_OF_ITEMS = List.of(
            "INSERT INTO items VALUES (1, 'one')",
            "UPDATE items SET name = 'uno'",
            "INSERT INTO items VALUES (2, 'two'), (3, 'three')",
            "UPDATE items SET id = 4 WHERE id = 1",
            "DELETE FROM items WHERE id > 3");

    private static final List<String> EVENTS_OF_ITEMS = List.of(
            "public.items inserted [1]",
            "public.items updated [1]",
            "public.items inserted [2]",
            "public.items inserted [3]",
            "public.items deleted [1]",
            "public.items inserted [4]",
            "public.items deleted [4]");

    private static final List<String> CHANGES_OF_PLACES = List.of(
            "INSERT INTO places VALUES ('CH', 'ZRH', 'Zurich')",
            "UPDATE places SET name = 'Zürich'",
            "UPDATE places SET code = 'ZH'",
            "DELETE FROM places");

    private static final List<String> EVENTS_OF_PLACES = List.of(
            "public.places inserted [CH, ZRH]",
            "public.places updated [CH, ZRH]",
            "public.places deleted [CH, ZRH]",
            "public.places inserted [CH, ZH]",
            "public.places deleted [CH, ZH]");

    private static final List<String> CHANGES_OF_USERS = List.of(
            "INSERT INTO users VALUES (1, 'a@example.com', 7, true)",
            "INSERT INTO users VALUES (2, 'b@example.org', 7, true)",
            "UPDATE users SET email = 'c@example.org' WHERE id = 2",
            "DELETE FROM users WHERE id = 2");

    private static final List<String> CHANGES_OF_READINGS = List.of(
            "INSERT INTO readings VALUES ('2026-01-01 00:00Z', 1, 1.5)",
            "UPDATE readings SET value = 2",
            "DELETE FROM readings");

    private static final List<String> EVENTS_OF_USERS = List.of(
            "public.users inserted [2, b@example.org]",
            "public.users updated [2, c@example.org]",
            "public.users deleted [2, c@example.org]");

    private static final List<String> EVENTS_OF_READINGS = List.of(
            "public.readings inserted [2026-01-01T00:00:00Z, 1]",
            "public.readings updated [2026-01-01T00:00:00Z, 1]",
            "public.readings deleted [2026-01-01T00:00:00Z, 1]");

    /** Those of triggers. */
    static List<GoldenSql> all() {
        return List.of(
                of("durable-integer-key", ITEMS, CHANGES_OF_ITEMS, EVENTS_OF_ITEMS, "tables=items"),
                of(
                        "durable-uuid-key",
                        ordinary("tokens", "id", "id uuid NOT NULL", "uses int4"),
                        List.of(
                                "INSERT INTO tokens VALUES ('0b1c2d3e-0000-4000-8000-000000000001', 0)",
                                "UPDATE tokens SET uses = 1"),
                        List.of("public.tokens updated [0b1c2d3e-0000-4000-8000-000000000001]"),
                        "tables=tokens",
                        "events=updated"),
                of("durable-text-keys", PLACES, CHANGES_OF_PLACES, EVENTS_OF_PLACES, "tables=places"),
                of(
                        "durable-extra-columns",
                        ordinary(
                                "orders",
                                "id",
                                "id int8 NOT NULL",
                                "state text",
                                "total numeric",
                                "placed timestamptz",
                                "tags _text"),
                        List.of(
                                "INSERT INTO orders VALUES (1, 'new', 9.50, '2026-01-01 00:00Z', '{a,b}')",
                                "UPDATE orders SET state = 'paid'"),
                        List.of("public.orders updated [1, paid, 9.50, 2026-01-01T00:00:00Z, {a,b}]"),
                        "watchers=orders",
                        "watchers.orders.table=orders",
                        "watchers.orders.events=updated",
                        "watchers.orders.extra.columns=state,total,placed,tags"),
                of("durable-filtered", USERS, CHANGES_OF_USERS, EVENTS_OF_USERS, FILTERED),
                of(
                        "durable-key-columns",
                        USERS,
                        List.of(
                                "INSERT INTO users VALUES (1, 'a@example.com', 7, true)",
                                "UPDATE users SET active = true",
                                "UPDATE users SET tenant = 8"),
                        List.of("public.users updated [1, 8]"),
                        "watchers=tenant",
                        "watchers.tenant.table=users",
                        "watchers.tenant.events=updated",
                        "watchers.tenant.key.columns=tenant",
                        "watchers.tenant.skip.unchanged.updates=true"),
                of("durable-partitioned", READINGS, CHANGES_OF_READINGS, EVENTS_OF_READINGS, "tables=readings"),
                of(
                        "durable-row-triggers",
                        ITEMS,
                        CHANGES_OF_ITEMS,
                        EVENTS_OF_ITEMS,
                        "watchers=items",
                        "watchers.items.table=items",
                        "watchers.items.row.triggers=true"),
                of(
                        "durable-replicated",
                        ITEMS,
                        List.of("INSERT INTO items VALUES (1, 'one')", "DELETE FROM items"),
                        List.of("public.items deleted [1]"),
                        "watchers=items",
                        "watchers.items.table=items",
                        "watchers.items.events=deleted",
                        "watchers.items.replicated=true"),
                of(
                        "durable-deferrable-key",
                        deferrable("seats", "id", "id int4 NOT NULL", "guest text"),
                        List.of(
                                "INSERT INTO seats VALUES (1, 'Ann'), (2, 'Bob')",
                                "INSERT INTO seats VALUES (1, 'Cid'); DELETE FROM seats WHERE guest = 'Ann'"),
                        List.of(
                                "public.seats inserted [1]",
                                "public.seats inserted [2]",
                                "public.seats inserted [1]",
                                "public.seats deleted [1]"),
                        "tables=seats"),
                of(
                        "durable-truncated-muted",
                        ITEMS,
                        List.of("SET ectowatch.mute = on; TRUNCATE items; SET ectowatch.mute = off; TRUNCATE items"),
                        List.of("public.items truncated"),
                        "tables=items",
                        "events=truncated",
                        "mute.allowed=true"),
                of("durable-context", ITEMS, CHANGES_OF_ITEMS, EVENTS_OF_ITEMS, "tables=items", CONTEXT, ACTOR),
                of("notify-context", ITEMS, CHANGES_OF_ITEMS, EVENTS_OF_ITEMS, "tables=items", CONTEXT, ACTOR, NOTIFY),
                of("notify-integer-key", ITEMS, CHANGES_OF_ITEMS, EVENTS_OF_ITEMS, "tables=items", ALL, NOTIFY),
                of("notify-text-keys", PLACES, CHANGES_OF_PLACES, EVENTS_OF_PLACES, "tables=places", NOTIFY),
                of(
                        "notify-filtered",
                        USERS,
                        CHANGES_OF_USERS,
                        EVENTS_OF_USERS,
                        Stream.concat(Stream.of(NOTIFY), Arrays.stream(FILTERED))
                                .toArray(String[]::new)),
                of("notify-partitioned", READINGS, CHANGES_OF_READINGS, EVENTS_OF_READINGS, "tables=readings", NOTIFY));
    }

    private static GoldenSql of(
            String file, RecordedTable table, List<String> changes, List<String> events, String... settings) {
        return new GoldenSql(file, table, List.of(settings), changes, events);
    }

    static GoldenSql of(String file) {
        return all().stream().filter(one -> one.file().equals(file)).findFirst().orElseThrow();
    }

    /** Every file's name and content, as the code would have it now. */
    static Map<String, String> files() {
        Map<String, String> files = new HashMap<>();
        for (List<String> settings : List.of(
                List.of("tables=items"),
                List.of("tables=items", NOTIFY),
                List.of("tables=items", CONTEXT, ACTOR),
                List.of("tables=items", CONTEXT, ACTOR, NOTIFY))) {
            ConnectorConfig config = config(settings);
            BaseObjectSql base = base(config);
            files.put(baseOf(config), text(config, List.of(base.step(base.create()))));
        }
        ConnectorConfig config = config(List.of("tables=items"));
        Provisioner provisioner = Components.provisioner(config);
        ObjectNames names = provisioner.names();
        files.put(
                "journal-spare-table",
                text(config, List.of(step("create a spare journal table", SpareTables.create(names, 3)))));
        files.put(
                "uninstall",
                text(
                        config,
                        List.of(step(
                                "uninstall connector " + names.connector(),
                                List.of(new UninstallFunction(names.schema()).run(names.connector()))))));
        files.put(
                "roles",
                script(
                        config,
                        List.of(),
                        new RolePrivileges(names, provisioner.journal(), RecordedTable.watched(config, ITEMS), ROLE)
                                .grants()));
        for (GoldenSql one : all()) {
            files.put(one.file(), one.text());
        }
        for (String kind : List.of("integer-key", "text-keys", "filtered", "partitioned")) {
            files.put("read-function-" + kind, of("durable-" + kind).readFunction());
        }
        return files;
    }

    private static Step step(String purpose, List<String> statements) {
        return new Step(purpose, Set.of(), Step.Lock.NONE, statements);
    }

    /** The file with what the triggers of that file need. */
    String base() {
        return baseOf(config(settings));
    }

    private static String baseOf(ConnectorConfig config) {
        return "base-" + config.delivery().mode().text() + (config.context().allowed() ? "-context" : "");
    }

    private String text() {
        StringBuilder header = new StringBuilder("-- The triggers of this table and these settings; run " + base()
                + ".sql before. GoldenSqlTest compares.\n--\n");
        table.create().forEach(create -> header.append("--     ").append(create).append(";\n"));
        header.append("--\n");
        settings.forEach(setting -> header.append("--     ").append(setting).append('\n'));
        return header + "\n" + script();
    }

    private String readFunction() {
        ConnectorConfig config = config(settings);
        WatchedTable watched = RecordedTable.watched(config, table).get(0);
        List<String> create =
                RecordedReadFunction.create(Components.provisioner(config).names(), watched, table.partitioned(), ROLE);
        return "-- The function that reads the table of " + file
                + ".sql for backfills, if backfill is new, resync or both.\n\n"
                + text(
                        config,
                        List.of(step("let backfills read " + watched.shape().name(), create)));
    }

    private String script() {
        ConnectorConfig config = config(settings);
        Provisioner provisioner = Components.provisioner(config);
        ObjectNames names = provisioner.names();
        List<WatchedTable> tables = RecordedTable.watched(config, table);
        LayoutNumbers layouts = layouts(provisioner, tables);
        List<Step> steps = new ArrayList<>();
        if (!layouts.registrations().isEmpty()) {
            steps.add(step("register the layouts of the journal rows", layouts.registrations()));
        }
        steps.addAll(new InstallPlan(
                        names,
                        base(config).triggers(layouts),
                        Map.of(),
                        Unwatched.NONE,
                        provisioner.options().muteAllowed(),
                        true)
                .steps(tables));
        return text(config, steps);
    }

    private static LayoutNumbers layouts(Provisioner provisioner, List<WatchedTable> tables) {
        return provisioner.journal().isEmpty()
                ? LayoutNumbers.NONE
                : new LayoutRegistry(provisioner.names()).numbers(tables);
    }

    private static BaseObjectSql base(ConnectorConfig config) {
        Provisioner provisioner = Components.provisioner(config);
        return BaseObjectSql.of(
                provisioner.names(),
                provisioner.journal(),
                provisioner.options().context());
    }

    private static String text(ConnectorConfig config, List<Step> steps) {
        return script(config, steps, List.of());
    }

    private static String script(ConnectorConfig config, List<Step> steps, List<String> grants) {
        Provisioner provisioner = Components.provisioner(config);
        String text = new InstallScript(
                        provisioner.names(), "shop", provisioner.options().lockTimeoutMs())
                .text(steps, grants, false);
        // The files stay as they are when the version changes.
        return text.replace("\"version\":\"" + Version.current(), "\"version\":\"" + VERSION)
                .replace("Kafka Connect " + Version.current() + ":", "Kafka Connect " + VERSION + ":");
    }

    private static ConnectorConfig config(List<String> settings) {
        return Watching.config(Stream.concat(
                        Stream.of("connection.url=jdbc:postgresql://localhost/shop", "connection.user=" + ROLE),
                        settings.stream())
                .toArray(String[]::new));
    }

    /** The file as it is. */
    static String read(String file) {
        try (InputStream in = GoldenSql.class.getResourceAsStream("golden/" + file + ".sql")) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
