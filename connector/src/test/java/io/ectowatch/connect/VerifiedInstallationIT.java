package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.DdlLog;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.Watching;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a connector accepts whose triggers another role creates, and what it does with it. */
class VerifiedInstallationIT extends ReviewedInstallation {

    private static final String FAIL = "on.table.error=fail";

    private static final String LANGUAGE = "GRANT USAGE ON LANGUAGE plpgsql";

    @InBothDeliveries
    void aRoleThatOwnsNothingWorksWithWhatIsPrintedAndRunsNoDdl(String delivery) throws Exception {
        String[] settings = with(settings(delivery), VERIFY);
        database.execute(printed(settings(delivery)));
        DdlLog log = DdlLog.start(database);

        try (Watching watching = Watching.start(database, settings)) {
            database.execute("INSERT INTO shop.users VALUES (1)");
            assertThat(awaitInserted(watching)).isEqualTo("shop.users inserted [1]");
        }
        try (Watching watching = Watching.start(database, settings)) {
            database.execute("INSERT INTO posts VALUES (2, '2026-05-01')");
            watching.changes(all -> watching.published().contains("public.posts inserted [2, 2026-05-01]"));
        }

        assertThat(log.take()).isEmpty();
        assertThat(database.column("SELECT count(*) FROM pg_class WHERE relowner = '" + role + "'::regrole"))
                .containsExactly("0");
    }

    @Test
    void suchARoleEmptiesTheJournalToo() throws Exception {
        database.execute(printed(settings("durable")));
        try (Watching watching = Watching.start(database, with(settings("durable"), VERIFY))) {
            await().until(() -> {
                database.execute(
                        "INSERT INTO shop.users SELECT 2 * g FROM generate_series(1, 100000) g", "TRUNCATE shop.users");
                watching.changes(100_000);
                watching.forget();
                watching.commit();
                return database.column("SELECT emptied_at FROM ectowatch.\"shop.owner\" WHERE emptied_at IS NOT NULL")
                                .size()
                        == 1;
            });
        }
    }

    @Test
    void nothingIsStartedWhereNothingHasBeenRun() throws Exception {
        DdlLog log = DdlLog.start(database);
        assertThatThrownBy(() -> Watching.start(database, with(settings("durable"), VERIFY)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("install.mode: The installation differs from the SQL of install.mode=print.")
                .hasMessageContaining("CREATE SCHEMA IF NOT EXISTS \"ectowatch\"")
                .hasMessageContaining("Get the whole SQL with install.mode=print, run it, and try again.");
        assertThat(log.take()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP TRIGGER \"ectowatch.shop.insert\" ON shop.users"
                        + "|CREATE OR REPLACE TRIGGER \"ectowatch.shop.insert\"",
                "ALTER TABLE shop.users DISABLE TRIGGER \"ectowatch.shop.update\""
                        + "|CREATE OR REPLACE TRIGGER \"ectowatch.shop.update\"",
                "CREATE OR REPLACE FUNCTION ectowatch.\"shop.shop.users.insert\"() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN RETURN NULL; END'|CREATE OR REPLACE FUNCTION \"ectowatch\".\"shop.shop.users.insert\"()",
                "CREATE OR REPLACE FUNCTION ectowatch.\"shop.guard\"() RETURNS void LANGUAGE plpgsql AS"
                        + " 'BEGIN END'|CREATE OR REPLACE FUNCTION \"ectowatch\".\"shop.guard\"()",
                "DROP TABLE ectowatch.\"shop.journal.1\"|CREATE TABLE IF NOT EXISTS \"ectowatch\".\"shop.journal.1\"",
                "DROP SEQUENCE ectowatch.\"shop.lease\"|CREATE SEQUENCE IF NOT EXISTS \"ectowatch\".\"shop.lease\"",
                "DELETE FROM ectowatch.\"shop.layouts\"|INSERT INTO \"ectowatch\".\"shop.layouts\"",
                "REVOKE TRUNCATE ON ectowatch.\"shop.journal.2\" FROM PUBLIC, %s"
                        + "|GRANT SELECT, UPDATE, TRUNCATE ON TABLE \"ectowatch\".\"shop.journal.2\" TO",
                "REVOKE UPDATE ON SEQUENCE ectowatch.\"shop.ring\" FROM %s"
                        + "|GRANT SELECT, UPDATE ON SEQUENCE \"ectowatch\".\"shop.ring\" TO",
                "REVOKE SELECT ON ectowatch.\"shop.layouts\" FROM %s"
                        + "|GRANT SELECT ON TABLE \"ectowatch\".\"shop.layouts\" TO",
                "REVOKE USAGE ON SCHEMA ectowatch FROM %s|GRANT USAGE ON SCHEMA \"ectowatch\" TO"
            })
    void differencesAreReportedAndNotMended(String change) throws Exception {
        String[] parts = change.split("\\|");
        database.execute(printed(settings("durable")), parts[0].formatted(role));
        DdlLog log = DdlLog.start(database);

        assertThatThrownBy(() -> Watching.start(database, with(settings("durable"), VERIFY, FAIL)))
                .hasMessageContaining("install.mode")
                .hasMessageContaining(parts[1]);

        assertThat(log.take()).isEmpty();
        database.execute(printed(with(settings("durable"), "connection.user=" + database.user()))
                .replace("\"" + database.user() + "\"", role));
        Watching.start(database, with(settings("durable"), VERIFY)).close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"watchers.named.extra.columns=email", "watchers.named.row.triggers=true"})
    void aChangedConfigurationHasToBePrintedAndRunAgain(String setting) throws Exception {
        database.execute(printed(settings("durable")));
        String[] changed = with(settings("durable"), setting);
        assertThatThrownBy(() -> Watching.start(database, with(changed, VERIFY, FAIL)))
                .hasMessageContaining("CREATE OR REPLACE FUNCTION \"ectowatch\".\"shop.shop.users.insert\"()")
                .message()
                .doesNotContain("shop.public.posts");

        database.execute(printed(changed));
        Watching.start(database, with(changed, VERIFY)).close();
    }

    /** The natural order: first the SQL is reviewed and run, then the configuration is changed. */
    @ParameterizedTest
    @ValueSource(strings = {"watchers.named.extra.columns=email", "watchers.named.row.triggers=true"})
    void whatTheNextConfigurationsTriggersWriteBeforeItIsThereIsNotPassedOver(String setting) throws Exception {
        database.execute(printed(settings("durable")));
        String[] changed = with(settings("durable"), setting);
        String sql = printed(changed);
        try (Watching watching = Watching.start(database, with(settings("durable"), VERIFY))) {
            database.execute(sql, "INSERT INTO shop.users VALUES (1, 'a')");
            watching.changes(all ->
                    watching.published().stream().anyMatch(change -> change.startsWith("shop.users inserted [1")));
        }
    }

    @Test
    void aTriggerThatIsDroppedMeanwhileEndsTheTaskWithWhatIsToBeDone() throws Exception {
        database.execute(printed(settings("durable")));
        try (Watching watching = Watching.start(database, with(settings("durable"), VERIFY, FAIL))) {
            database.execute("DROP TRIGGER \"ectowatch.shop.insert\" ON shop.users");
            assertThatThrownBy(() -> watching.changes(1))
                    .hasMessageContaining("CREATE OR REPLACE TRIGGER \"ectowatch.shop.insert\"");
        }
    }

    @InBothDeliveries
    void aTableWhoseTriggersAreMissingStopsNoOtherAndGetsAResyncWhenTheyAreBack(String delivery) throws Exception {
        String sql = printed(settings(delivery));
        database.execute(sql);
        String[] settings = with(settings(delivery), VERIFY, "table.poll.interval.ms=1000");
        try (CapturedLog log = new CapturedLog();
                Watching watching = Watching.start(database, settings)) {
            database.execute("DROP TRIGGER \"ectowatch.shop.insert\" ON shop.users");
            watching.changes(all -> watching.metrics().tablesInTrouble() == 1);
            if (delivery.equals("notify")) { // the role may not write to a journal
                watching.changes(all -> watching.published().contains("shop.users resync"));
            }
            database.execute("INSERT INTO posts VALUES (1, '2026-05-01')");
            watching.changes(all -> watching.published().contains("public.posts inserted [1, 2026-05-01]"));
            assertThat(log.text())
                    .containsOnlyOnce("shop.users is in trouble")
                    .contains("CREATE OR REPLACE TRIGGER \"ectowatch.shop.insert\"");
        }
        try (Watching watching = Watching.start(database, settings)) {
            assertThat(watching.metrics().tablesInTrouble()).isEqualTo(1);
            database.execute("INSERT INTO posts VALUES (2, '2026-05-01')");
            watching.changes(all -> watching.published().contains("public.posts inserted [2, 2026-05-01]"));
            watching.forget();

            database.execute(sql);
            watching.changes(all -> watching.metrics().tablesInTrouble() == 0);
            watching.changes(all -> watching.published().contains("shop.users resync"));
            database.execute("INSERT INTO shop.users VALUES (3)");
            watching.changes(all -> watching.published().contains("shop.users inserted [3]"));
        }
    }

    /** Nobody but its owner can drop the functions that were made for it. */
    @Test
    void aTableThatLeavesAPatternStopsNoOtherAndIsInTroubleUntilItsFunctionsAreDropped() throws Exception {
        String[] settings = with(settings("durable"), "tables=posts, shop.ca*", "table.poll.interval.ms=1000");
        database.execute(
                "CREATE TABLE shop.carts (id int PRIMARY KEY)", "CREATE TABLE shop.cards (id int PRIMARY KEY)");
        database.execute(printed(settings));
        try (Watching watching = Watching.start(database, with(settings, VERIFY))) {
            database.execute("DROP TABLE shop.carts");
            watching.changes(all -> watching.metrics().tablesInTrouble() == 1);
            database.execute(printed(settings));
            watching.changes(all -> watching.metrics().tablesInTrouble() == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DROP TABLE ectowatch.\"shop.journal.1\"", "DELETE FROM ectowatch.\"shop.layouts\""})
    void whatConcernsAllTablesFailsTheTask(String change) throws Exception {
        database.execute(printed(settings("durable")), change);
        assertThatThrownBy(() -> Watching.start(database, with(settings("durable"), VERIFY)))
                .hasMessageContaining("install.mode: The installation differs");
    }

    @Test
    void validationGivesTheSqlAsAValueAndSaysWhetherItHasBeenRun() throws Exception {
        assertThat(errors(with(settings("durable"), VERIFY)))
                .singleElement()
                .asString()
                .startsWith("install.mode: The installation differs from the SQL of install.mode=print.");

        assertThat(errors(with(settings("durable"), PRINT))).isEmpty();
        database.execute(printed(settings("durable")));

        assertThat(errors(with(settings("durable"), VERIFY))).isEmpty();
        assertThat(values(settings("durable")))
                .filteredOn(value -> value.name().equals("install.sql"))
                .allSatisfy(value -> assertThat(value.value()).isNull());
    }

    @Test
    void resettingTheOffsetsLeavesTheObjectsOfAnotherRole() throws Exception {
        database.execute(printed(settings("durable")));

        new EctoWatchSourceConnector().alterOffsets(props(with(settings("durable"), VERIFY)), Map.of());

        Watching.start(database, with(settings("durable"), VERIFY)).close();
    }

    /** Only to empty the journal, and PUBLIC has it by default: so it is granted only where it is missing. */
    @Test
    void theMissingLanguageIsNamedAndGrantedByWhatIsPrinted() throws Exception {
        assertThat(printed(settings("durable"))).doesNotContain(LANGUAGE);
        database.execute(printed(settings("durable")), "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC");
        assertThatThrownBy(() -> Watching.start(database, with(settings("durable"), VERIFY)))
                .hasMessageContaining("Missing statements: " + LANGUAGE + " TO \"" + role + "\". ");
        assertThat(printed(settings("notify"))).doesNotContain(LANGUAGE);

        database.execute(printed(settings("durable")));
        Watching.start(database, with(settings("durable"), VERIFY)).close();
    }

    /** The table's owner decides on its key, so the SQL is to be printed and run again. */
    @Test
    void aKeyThatBecomesDeferrableIsADifference() throws Exception {
        database.execute(printed(settings("durable")));
        database.execute(
                "ALTER TABLE posts DROP CONSTRAINT posts_pkey, ADD PRIMARY KEY (id, at) DEFERRABLE INITIALLY DEFERRED");
        assertThatThrownBy(() -> Watching.start(database, with(settings("durable"), VERIFY, FAIL)))
                .hasMessageContaining("CREATE OR REPLACE FUNCTION \"ectowatch\".\"shop.public.posts.delete\"()")
                .message()
                .doesNotContain("shop.shop.users");

        database.execute(printed(settings("durable")));
        Watching.start(database, with(settings("durable"), VERIFY)).close();
    }

    /** Others than the table's owner decide on these, at any time. So the functions stay as they are. */
    @InBothDeliveries
    void rulesAndUncountedRowsAreNamedInTheLogOnceAndStopNothing(String delivery) throws Exception {
        String[] settings = with(settings(delivery), "name=order_" + delivery);
        database.execute(printed(settings));
        String sql = printed(settings);
        database.execute(
                "CREATE TABLE public.door (id int)",
                "CREATE RULE again AS ON INSERT TO public.door DO INSTEAD WITH d AS (DELETE FROM shop.users WHERE id = 1"
                        + " RETURNING id) INSERT INTO shop.users SELECT id FROM d",
                "ALTER DATABASE " + database.name() + " SET track_counts = off");
        try (CapturedLog log = new CapturedLog()) {
            Watching.start(database, with(settings, VERIFY)).close();
            Watching.start(database, with(settings, VERIFY)).close();
            assertThat(printed(settings)).isEqualTo(sql);
            assertThat(log.text()
                            .lines()
                            .filter(line -> line.contains("Connector order_" + delivery + ": "))
                            .filter(line -> line.contains("rules") || line.contains("track_counts")))
                    .satisfiesExactlyInAnyOrder(
                            line -> assertThat(line)
                                    .contains("WARN")
                                    .contains(
                                            "These rules change rows of shop.users within a WITH: again on public.door.")
                                    .contains("the records may come in the wrong order. Use install.mode=apply, or a"
                                            + " trigger instead of the rule."),
                            line -> assertThat(line)
                                    .contains("WARN")
                                    .contains(
                                            "track_counts is off on this server, or for one of its roles or databases.")
                                    .contains("of a row. Set track_counts = on"));
        }
    }

    private List<String> errors(String[] settings) {
        return values(settings).stream()
                .flatMap(value -> value.errorMessages().stream())
                .toList();
    }
}
