package io.ectowatch.connect.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ColumnReaderIT {

    @NewDatabase
    private static TestDatabase database;

    @AutoClose
    private static Connection connection;

    private final ColumnReader reader = new ColumnReader(new Trust("postgres"));

    @BeforeAll
    static void setUp() throws SQLException {
        connection = database.connect();
        database.execute(
                "CREATE TABLE plain (id bigint PRIMARY KEY, price numeric(10,2), note varchar(20) NOT NULL)",
                "CREATE DOMAIN percent AS smallint",
                "CREATE DOMAIN share AS percent NOT NULL",
                "CREATE DOMAIN discount AS share",
                "CREATE DOMAIN codes AS text[]",
                "CREATE TABLE domains (a percent, b share, c discount, d percent NOT NULL, e codes, f discount[])",
                "CREATE TABLE holes (a int, gone text, b date)",
                "ALTER TABLE holes DROP COLUMN gone",
                "CREATE TABLE computed (a int, twice int GENERATED ALWAYS AS (a * 2) STORED)",
                "CREATE TABLE \"Odd \"\"Name\"\"\" (\"Say \"\"ä\"\"\" int)",
                "CREATE TABLE bare ()",
                // Names that mean something else when they are not PostgreSQL's own
                "CREATE SCHEMA own",
                "CREATE TYPE own.int4 AS (a int)",
                "CREATE TYPE own.citext AS ENUM ('x')",
                "CREATE TABLE foreign_names (a own.int4, b own.citext)");
    }

    @Test
    void columnsComeInTheirOrderWithTypeAndNullability() throws SQLException {
        assertThat(columns("plain"))
                .containsExactly(
                        new Column("id", ColumnKind.INT64, "bigint", false, false),
                        new Column("price", ColumnKind.TEXT, "numeric(10,2)", true, false),
                        new Column("note", ColumnKind.TEXT, "character varying(20)", false, false));
    }

    @Test
    void aDomainHasTheKindOfItsBaseTypeAndForbidsNullsIfAnyDomainUnderItDoes() throws SQLException {
        assertThat(columns("domains"))
                .containsExactly(
                        new Column("a", ColumnKind.INT16, "percent", true, false),
                        new Column("b", ColumnKind.INT16, "share", false, false),
                        new Column("c", ColumnKind.INT16, "discount", false, false),
                        new Column("d", ColumnKind.INT16, "percent", false, false),
                        new Column("e", ColumnKind.TEXT_PINNED, "codes", true, false),
                        new Column("f", ColumnKind.TEXT_PINNED, "discount[]", true, false));
    }

    @Test
    void droppedAndSystemColumnsAreLeftOut() throws SQLException {
        assertThat(columns("holes")).extracting(Column::name).containsExactly("a", "b");
    }

    @Test
    void aStoredGeneratedColumnIsAsAnyOther() throws SQLException {
        assertThat(columns("computed"))
                .containsExactly(
                        new Column("a", ColumnKind.INT32, "integer", true, false),
                        new Column("twice", ColumnKind.INT32, "integer", true, false));
    }

    @Test
    void aVirtualGeneratedColumnSaysSo() throws SQLException {
        assumeThat(TestDatabase.serverVersion()).isGreaterThanOrEqualTo(18);
        database.execute("CREATE TABLE virtual (a int, twice int GENERATED ALWAYS AS (a * 2) VIRTUAL)");

        assertThat(columns("virtual")).extracting(Column::virtual).containsExactly(false, true);
    }

    @Test
    void namesComeUnquoted() throws SQLException {
        assertThat(columns("\"Odd \"\"Name\"\"\"")).extracting(Column::name).containsExactly("Say \"ä\"");
    }

    @Test
    void aTypeWithABuiltInTypesNameIsNotTakenForIt() throws SQLException {
        assertThat(columns("foreign_names"))
                .extracting(Column::kind)
                .containsExactly(ColumnKind.TEXT_PINNED, ColumnKind.TEXT);
    }

    @Test
    void severalTablesAreReadAtOnceAndEachHasItsOwn() throws SQLException {
        long plain = oid("plain");
        long holes = oid("holes");

        Map<Long, List<Column>> tables = reader.read(connection, List.of(plain, holes));

        assertThat(tables.keySet()).containsExactly(plain, holes);
        assertThat(tables.get(plain)).isEqualTo(typed("plain"));
        assertThat(tables.get(holes)).isEqualTo(typed("holes"));
    }

    @Test
    void aTableThatIsGoneOrBareHasNoColumns() throws SQLException {
        long bare = oid("bare");

        assertThat(reader.read(connection, List.of(bare, 4_294_967_295L)))
                .isEqualTo(Map.of(bare, List.of(), 4_294_967_295L, List.of()));
        assertThat(reader.read(connection, List.of())).isEmpty();
    }

    /** The columns, without what SQL may do with them. */
    private List<Column> columns(String table) throws SQLException {
        return typed(table).stream()
                .map(column -> new Column(
                        column.name(), column.kind(), column.typeName(), column.nullable(), column.virtual()))
                .toList();
    }

    private List<Column> typed(String table) throws SQLException {
        long oid = oid(table);
        return reader.read(connection, List.of(oid)).get(oid);
    }

    private static long oid(String table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT ?::regclass::oid")) {
            query.setString(1, table);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
