package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every SQL command of the pages for operators works as it is printed. */
class RunbookIT {

    private static final List<String> PAGES =
            List.of("operations.md", "monitoring.md", "status.md", "maintenance.md", "capacity.md");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^ *```sql$(.*?)^ *```$");
    private static final Pattern END = Pattern.compile(";[^\\n]*(?:\\n|\\z)");

    @NewDatabase
    private TestDatabase database;

    @Test
    void everyQueryOfAPageHasAnAnswerForADatabaseAdministratorWithoutSuperuser() throws Exception {
        leaveAConnector();
        database.begin("LOCK TABLE ectowatch.\"shop.journal.0\" IN ACCESS SHARE MODE");

        List<String> queries = statements().filter(RunbookIT::isQuery).toList();

        assertThat(queries).hasSizeGreaterThan(7);
        for (String query : queries) {
            assertThat(rows(query)).as(query).isPositive();
        }
    }

    @Test
    void everyOtherStatementOfAPageRuns() throws Exception {
        leaveAConnector();

        List<String> others =
                statements().filter(statement -> !isQuery(statement)).toList();

        assertThat(others).hasSizeGreaterThan(3);
        for (String statement : others) {
            rolledBack(sql -> assertThat(sql.execute(statement)).isIn(true, false));
        }
    }

    private void leaveAConnector() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)", "CREATE TABLE packages (id int PRIMARY KEY)");
        Watching.start(database, "tables=users, packages").close();
        database.awaitNoTask();
    }

    private static boolean isQuery(String statement) {
        return statement.startsWith("SELECT") && !statement.contains("uninstall");
    }

    private static Stream<String> statements() throws IOException {
        List<String> statements = new ArrayList<>();
        for (String page : PAGES) {
            BLOCK.matcher(Files.readString(Path.of("docs", page)))
                    .results()
                    .map((MatchResult block) -> block.group(1).stripIndent())
                    .flatMap(END::splitAsStream)
                    .map(String::strip)
                    .filter(statement -> !statement.isEmpty())
                    .forEach(statements::add);
        }
        return statements.stream();
    }

    private int rows(String query) throws SQLException {
        int[] rows = {0};
        rolledBack(sql -> {
            sql.execute("SET LOCAL ROLE dba");
            try (ResultSet row = sql.executeQuery(query)) {
                while (row.next()) {
                    rows[0]++;
                }
            }
        });
        return rows[0];
    }

    private interface Work {
        void with(Statement statement) throws SQLException;
    }

    /** With the roles that the pages name, which end with the transaction: roles belong to the server. */
    private void rolledBack(Work work) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("CREATE ROLE ectowatch LOGIN");
            statement.execute("CREATE ROLE dba IN ROLE pg_monitor");
            work.with(statement);
            connection.rollback();
        }
    }
}
