package io.ectowatch.connect.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import org.junit.jupiter.api.Test;

class CatalogTableIT {

    @NewDatabase
    private TestDatabase database;

    @Test
    void theTablesOfAllConnectorsAreLeftOutAndNoOthersOfTheirSchema() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
        Watching.start(database, "tables=users", "name=shop").close();
        Watching.start(database, "tables=users", "name=bank").close();
        database.execute(
                "CREATE TABLE ectowatch.notes (id int PRIMARY KEY)",
                "CREATE TABLE ectowatch.\"shop.journal.7\" (id int PRIMARY KEY)",
                "CREATE TABLE ectowatch.described (id int PRIMARY KEY)",
                "COMMENT ON TABLE ectowatch.described IS 'A table of the users'");
        assertThat(database.number(
                        "SELECT count(*) FROM pg_class WHERE relname LIKE 'bank.journal%' AND relkind = 'r'"))
                .isPositive();
        try (Connection connection = database.connect()) {
            assertThat(CatalogTable.readAll(connection, "ectowatch", Marker.beginning("shop"), Marker.beginning()))
                    .extracting(table -> table.name().toString())
                    .containsExactly(
                            "ectowatch.described", "ectowatch.notes", "ectowatch.shop.journal.7", "public.users");
        }
    }
}
