package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.protocol.ChangeContext;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A database whose texts need not be valid UTF-8, which nothing can convert. */
class EncodingIT {

    @NewDatabase(encoding = "SQL_ASCII")
    private TestDatabase database;

    @BeforeEach
    void aDatabaseWithoutAnEncoding() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, name text)");
    }

    /** Latin-1 bytes, in the name of a table, of its key, of another table's column, and of a schema. */
    @ParameterizedTest
    @ValueSource(strings = {"delivery.mode=durable", "delivery.mode=notify"})
    void namesThatAreNotUtf8KeepNoOtherTableFromBeingWatched(String delivery) throws Exception {
        database.execute("DO $$ BEGIN"
                + " EXECUTE format('CREATE TABLE public.%I (id int PRIMARY KEY)', 'caf' || chr(233));"
                + " EXECUTE format('CREATE TABLE public.orders (%I int PRIMARY KEY)', 'num' || chr(233));"
                + " EXECUTE format('CREATE TABLE public.items (id int PRIMARY KEY, %I int)', 'pi' || chr(232));"
                + " EXECUTE format('CREATE SCHEMA %I CREATE TABLE t (id int PRIMARY KEY)', 's' || chr(233));"
                + " EXECUTE format('CREATE TABLE public.%I (id int PRIMARY KEY)', 'gut' || chr(195) || chr(169));"
                + " END $$");
        try (Watching watching = Watching.start(database, "tables=public.*", delivery)) {
            database.execute(
                    "INSERT INTO users VALUES (1, 'a')",
                    "DO $$ BEGIN EXECUTE format('INSERT INTO %I VALUES (4)', 'gut' || chr(195) || chr(169)); END $$");
            watching.changes(2);
            assertThat(watching.published()).containsExactly("public.users inserted [1]", "public.guté inserted [4]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"delivery.mode=durable", "delivery.mode=notify"})
    void aContextThatIsNotUtf8IsLeftOutAndTheChangeIsPublished(String delivery) throws Exception {
        try (Watching watching =
                Watching.start(database, "tables=users", "context.allowed=true", "actor=true", delivery)) {
            database.execute("BEGIN; DO $$ BEGIN PERFORM set_config('ectowatch.context', chr(233), true); END $$;"
                    + " INSERT INTO users VALUES (1); INSERT INTO users VALUES (2), (3); COMMIT");
            watching.changesOfRows(3);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [1]", "public.users inserted [2]", "public.users inserted [3]");
            assertThat(watching.received())
                    .extracting(Change::context)
                    .containsOnly(new ChangeContext(null, null, null, null, true));
        }
    }

    @Test
    void inNotifyDeliveryATextThatIsNotUtf8IsAGapAndChangesGoOn() throws Exception {
        try (Watching watching = Watching.start(
                database,
                "delivery.mode=notify",
                "watchers=u",
                "watchers.u.table=users",
                "watchers.u.extra.columns=name")) {
            database.execute("INSERT INTO users VALUES (1, 'a')");
            watching.changes(1);
            database.execute("INSERT INTO users VALUES (2, chr(233))");
            watching.changes(2);
            assertThat(watching.published()).containsExactly("public.users inserted [1, a]", "public.users resync");
            database.execute("INSERT INTO users VALUES (3, 'b')");
            watching.changes(3);
            assertThat(watching.published()).endsWith("public.users inserted [3, b]");
        }
    }
}
