package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.install.objects.SpareTables;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.testing.DdlLog;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the files in {@code golden/} as they are, on PostgreSQL. */
class GoldenSqlIT {

    @NewDatabase
    private TestDatabase database;

    static Stream<String> files() {
        return GoldenSql.all().stream().map(GoldenSql::file);
    }

    @ParameterizedTest
    @MethodSource("files")
    void theFileInstallsWhatTheConnectorWouldInstallAndTheTriggersWork(String file) throws Exception {
        GoldenSql sql = GoldenSql.of(file);
        install(sql);
        DdlLog log = DdlLog.start(database);

        try (Watching watching = Watching.start(database, sql.settings().toArray(String[]::new))) {
            assertThat(log.take()).isEmpty();
            database.execute(sql.changes().toArray(String[]::new));
            watching.changes(all -> published(watching).size() >= sql.events().size());
            assertThat(published(watching)).containsExactlyInAnyOrderElementsOf(sql.events());
        }

        database.awaitNoTask();
        database.execute(GoldenSql.read("uninstall"));
        assertThat(database.column("SELECT nspname FROM pg_namespace WHERE nspname = 'ectowatch'"))
                .isEmpty();
        assertThat(database.column("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
                .isEmpty();
    }

    @Test
    void aRoleWithTheGrantsOfTheFileCanWork() throws Exception {
        GoldenSql sql = GoldenSql.of("durable-integer-key");
        database.execute("CREATE ROLE " + GoldenSql.ROLE + " LOGIN");
        try {
            install(sql);
            database.execute(GoldenSql.read("roles"));

            try (Watching watching = Watching.start(
                    database, "tables=items", "connection.user=" + GoldenSql.ROLE, "install.mode=verify")) {
                database.execute("INSERT INTO items VALUES (1)");
                watching.changes(all -> !published(watching).isEmpty());
                assertThat(published(watching)).containsExactly("public.items inserted [1]");
            }
        } finally {
            database.execute("DROP OWNED BY " + GoldenSql.ROLE, "DROP ROLE " + GoldenSql.ROLE);
        }
    }

    @Test
    void theFunctionThatReadsATableIsTheOneThatTheConnectorWants() throws Exception {
        GoldenSql sql = GoldenSql.of("durable-integer-key");
        database.execute("CREATE ROLE " + GoldenSql.ROLE + " LOGIN");
        try {
            install(sql);
            database.execute(
                    GoldenSql.read("roles"),
                    "INSERT INTO public.items VALUES (1)",
                    GoldenSql.read("read-function-integer-key"));

            try (Watching watching = Watching.start(
                    database,
                    "tables=items",
                    "backfill=new",
                    "connection.user=" + GoldenSql.ROLE,
                    "install.mode=verify")) {
                watching.changes(all -> published(watching).contains("public.items read [1]"));
            }
        } finally {
            database.execute("DROP OWNED BY " + GoldenSql.ROLE, "DROP ROLE " + GoldenSql.ROLE);
        }
    }

    @Test
    void aSpareJournalTableIsOneThatTriggersCanWriteTo() throws Exception {
        ObjectNames names = new ObjectNames("shop", "ectowatch");
        database.execute(GoldenSql.read("base-durable"), GoldenSql.read("journal-spare-table"));

        assertThat(database.column(SpareTables.present(names))).containsExactly("3");
        database.execute(
                "SELECT setval('ectowatch.\"shop.spare\"', 3), setval('ectowatch.\"shop.ring\"', 3)",
                names.writeResync(1));
        assertThat(database.column("SELECT event FROM " + names.journal(3))).containsExactly("r");
    }

    private void install(GoldenSql sql) throws Exception {
        database.execute(sql.table().create().toArray(String[]::new));
        database.execute(GoldenSql.read(sql.base()), GoldenSql.read(sql.file()));
    }

    private static List<String> published(Watching watching) {
        return watching.received().stream()
                .filter(change -> change.event() != Event.RESYNC)
                .map(Watching::describe)
                .toList();
    }
}
