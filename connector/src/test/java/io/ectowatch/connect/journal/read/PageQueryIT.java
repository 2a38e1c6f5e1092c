package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cut that does not fit into one page. */
class PageQueryIT {

    @NewDatabase
    private TestDatabase database;

    /** A page ends after 2,000 rows or 4 MiB. With 2,000 rows of one transaction, a page is full and the next one empty. */
    @ParameterizedTest
    @CsvSource({"24, 15000", "2000, 1", "4500, 1"})
    void everyChangeOfOneTransactionIsPublishedInItsOrder(int rows, int hashes) throws Exception {
        database.execute("CREATE TABLE docs (id int PRIMARY KEY, words text)");
        List<String> expected = new ArrayList<>();
        try (Watching watching = Watching.start(
                        database, "watchers=d", "watchers.d.table=docs", "watchers.d.extra.columns=words");
                Connection connection = database.connect();
                Statement writer = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int id = 1; id <= rows; id++) {
                writer.execute("INSERT INTO docs SELECT " + id
                        + ", string_agg(md5(g::text), '') FROM generate_series(1, " + hashes + ") g");
                expected.add("1 " + id + " " + 32 * hashes);
            }
            connection.commit();

            watching.changes(rows);
            assertThat(watching.received().stream()
                            .map(change -> change.values().length - 1 + " " + change.values()[0] + " "
                                    + change.values()[1].toString().length()))
                    .containsExactlyElementsOf(expected);
        }
    }
}
