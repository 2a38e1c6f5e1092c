package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The one order of changes that the triggers cannot find and do not announce: as docs/events.md describes it. */
@InBothDeliveries
class DocumentedLimitIT extends EitherDelivery {

    private static final String DELETION = "    DELETE FROM users WHERE id = NEW.id;\n";

    private static final String ROLLED_BACK = "INSERT INTO users (id) VALUES (0);";

    private static final String LAST = "INSERT INTO users (id) VALUES (-1);";

    private String sql;

    @BeforeEach
    void theExampleOfThePage() throws Exception {
        String limits = Files.readString(Path.of("docs", "events.md")).split("\\*\\*Limits\\.\\*\\*")[1];
        sql = limits.split("```sql\n")[1].split("```")[0];
        assertThat(sql).contains(DELETION, ROLLED_BACK, LAST);
        database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)", "CREATE TABLE marks (id int PRIMARY KEY)");
    }

    @Test
    void theRecordsOfTheExampleSayThatARowIsThereThatIsGone() throws Exception {
        assertThat(published(sql)).endsWith("public.users deleted [-1]; public.users inserted [-1]");
    }

    @Test
    void whatIsRolledBackInAnotherNumberIsAnnounced() throws Exception {
        assertThat(published(sql.replace(ROLLED_BACK, "INSERT INTO users (id) VALUES (0), (1);")))
                .contains("public.users resync");
    }

    @Test
    void aDeletionAfterwardsAndOtherChangesThatAreRolledBackLeaveTheOrderRight() throws Exception {
        String right = "public.users inserted [-1]; public.users deleted [-1]";
        assertThat(published(sql.replace(DELETION, "").replace("    RETURN NULL;", DELETION + "    RETURN NULL;")))
                .endsWith(right);
        database.execute(
                "DROP TABLE users CASCADE",
                "CREATE TABLE users (id int PRIMARY KEY, n int)",
                "DROP FUNCTION take_back");
        assertThat(published("INSERT INTO users VALUES (5);"
                        + sql.replace(ROLLED_BACK, "UPDATE users SET n = 1 WHERE id = 5;")))
                .endsWith(right);
    }

    /** What is published for the statements, up to a later change of another table. */
    private String published(String statements) throws Exception {
        try (Watching watching = start("tables=users,marks")) {
            watching.poll();
            watching.forget();
            database.execute(statements.replace(LAST, ""), LAST, "INSERT INTO marks VALUES (1)");
            watching.changes(all -> watching.published().contains("public.marks inserted [1]"));
            awaitAnnouncement(watching);
            database.execute("DELETE FROM marks");
            assertThat(database.number("SELECT count(*) FROM users WHERE id < 0"))
                    .isZero();
            return String.join(
                    "; ",
                    watching.published().stream()
                            .filter(change -> change.startsWith("public.users"))
                            .toList());
        }
    }

    /** A loss is announced behind the changes that the journal has: another change comes after it. */
    private void awaitAnnouncement(Watching watching) throws SQLException {
        database.execute("INSERT INTO marks VALUES (2)");
        watching.changes(all -> watching.published().contains("public.marks inserted [2]"));
    }
}
