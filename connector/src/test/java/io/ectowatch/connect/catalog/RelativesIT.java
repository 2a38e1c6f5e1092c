package io.ectowatch.connect.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tables of extensions that move rows without triggers, and databases that only resemble PostgreSQL. The extensions
 * themselves cannot be installed here: their rows in the catalog are written by hand.
 */
class RelativesIT {

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void twoTables() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY)", "CREATE TABLE readings (at timestamptz PRIMARY KEY)");
    }

    @Test
    void aHypertableIsRefusedAndSaysWhy() throws Exception {
        timescale("postgres");
        database.execute("INSERT INTO _timescaledb_catalog.hypertable VALUES ('public', 'readings')");
        assertThat(errors("readings"))
                .contains("public.readings is a hypertable of TimescaleDB")
                .contains("without firing row triggers");
        assertThat(errors("users")).isEmpty();
    }

    /** TimescaleDB's table may be unreadable: the role lacks a privilege, or the table's owner is not trusted. */
    @Test
    void aHypertableIsKnownByItsChunksAndByItsTriggerToo() throws Exception {
        timescale("postgres");
        database.execute(
                "CREATE SCHEMA _timescaledb_internal",
                "CREATE TABLE _timescaledb_internal.chunk_1 (PRIMARY KEY (at)) INHERITS (readings)",
                "CREATE TABLE older (at timestamptz PRIMARY KEY)",
                "CREATE TRIGGER ts_insert_blocker BEFORE INSERT ON older FOR EACH ROW"
                        + " EXECUTE FUNCTION suppress_redundant_updates_trigger()");
        assertThat(errors("readings")).contains("public.readings is a hypertable");
        assertThat(errors("_timescaledb_internal.chunk_1"))
                .contains("chunk_1 is a hypertable of TimescaleDB, or a chunk");
        assertThat(errors("older")).contains("public.older is a hypertable");
    }

    @Test
    void aPatternSkipsHypertablesAndWatchesTheOthers() throws Exception {
        timescale("postgres");
        database.execute("INSERT INTO _timescaledb_catalog.hypertable VALUES ('public', 'readings')");
        try (Watching watching = Watching.start(database, "tables=public.*")) {
            database.execute("INSERT INTO readings VALUES (now())", "INSERT INTO users VALUES (1)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
        }
    }

    /** A planted extension table must not run its owner's code with the connector's rights. */
    @Test
    void aTableOfAnotherRoleIsNotRead() throws Exception {
        String stranger = database.role("stranger");
        timescale(stranger);
        database.execute("GRANT CREATE ON DATABASE " + database.name() + " TO " + stranger);
        database.execute("CREATE SEQUENCE ran", "GRANT ALL ON SEQUENCE ran TO PUBLIC");
        // A value of the column becomes a name by a function of the owner.
        try (Connection connection = database.connectAs(stranger);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA planted");
            statement.execute("CREATE TYPE planted.trap AS ENUM ('public')");
            statement.execute("CREATE FUNCTION planted.evil(planted.trap) RETURNS name LANGUAGE plpgsql"
                    + " AS $$ BEGIN PERFORM nextval('public.ran'); RETURN 'public'; END $$");
            statement.execute("CREATE CAST (planted.trap AS name) WITH FUNCTION planted.evil AS IMPLICIT");
            statement.execute("ALTER TABLE _timescaledb_catalog.hypertable ALTER schema_name TYPE planted.trap"
                    + " USING 'public'");
            statement.execute("INSERT INTO _timescaledb_catalog.hypertable VALUES ('public', 'readings')");
        }
        assertThat(errors("readings")).isEmpty();
        assertThat(database.column("SELECT last_value FROM ran WHERE is_called"))
                .isEmpty();
    }

    @Test
    void aDistributedTableOfCitusIsRefusedAndAlocalOneIsNot() throws Exception {
        database.execute(
                "SET allow_system_table_mods = on; CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass,"
                        + " partmethod \"char\", partkey text, colocationid int, repmodel \"char\")",
                "CREATE TABLE shared (id int PRIMARY KEY)",
                "INSERT INTO pg_catalog.pg_dist_partition VALUES ('readings', 'h', 'at', 1, 's'),"
                        + " ('shared', 'n', NULL, 2, 't'), ('users', 'n', NULL, 0, 's')");
        assertThat(errors("readings")).contains("public.readings is a distributed or a reference table of Citus");
        assertThat(errors("shared")).contains("public.shared is a distributed or a reference table of Citus");
        assertThat(errors("users")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    PostgreSQL 15.2-YB-2.25.0.0-b0 on x86_64-pc-linux-gnu | YugabyteDB
                    CockroachDB CCL v23.2.3 (x86_64-pc-linux-gnu)         | CockroachDB
                    PostgreSQL 14.4 (Greenplum Database 8.0.0 build dev)  | Greenplum
                    PostgreSQL 14.4 (Apache Cloudberry 2.0.0 build 1)     | Apache Cloudberry
                    """)
    void aDatabaseThatOnlyResemblesPostgresIsNamed(String version, String name) throws Exception {
        database.execute(
                "SET allow_system_table_mods = on; CREATE OR REPLACE FUNCTION pg_catalog.version() RETURNS text"
                        + " LANGUAGE sql STABLE AS $$ SELECT '" + version + "' $$");
        assertThat(errors("users")).contains("The server is " + name + ",").contains("Use PostgreSQL 14 or newer");
    }

    private String errors(String table) {
        return String.join(" ", Validation.errors(database, "tables=" + table).values());
    }

    private void timescale(String owner) throws Exception {
        database.execute(
                "CREATE SCHEMA _timescaledb_catalog AUTHORIZATION " + owner,
                "CREATE TABLE _timescaledb_catalog.hypertable (schema_name name, table_name name)",
                "ALTER TABLE _timescaledb_catalog.hypertable OWNER TO " + owner,
                "SET allow_system_table_mods = on; INSERT INTO pg_extension (oid, extname, extowner, extnamespace,"
                        + " extrelocatable, extversion) VALUES (99999, 'timescaledb', 10, 'public'::regnamespace, false,"
                        + " '2.24.0'); INSERT INTO pg_depend VALUES ('pg_class'::regclass,"
                        + " '_timescaledb_catalog.hypertable'::regclass, 0, 'pg_extension'::regclass, 99999, 0, 'e')");
    }
}
