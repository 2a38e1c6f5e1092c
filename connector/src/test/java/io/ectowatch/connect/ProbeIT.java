package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code integration-tests/probe.sql}, which users run on a managed service before they use the connector there. */
class ProbeIT {

    private static final Path PROBE = Path.of("../integration-tests/probe.sql");

    private static final Pattern CALL = Pattern.compile("\\b(pg_[a-z_]+)\\(");

    /** Every server has these, and every role may call them: they only read the catalog or wait. */
    private static final Set<String> EVERYWHERE = Set.of(
            "pg_advisory_unlock_all",
            "pg_advisory_xact_lock",
            "pg_backend_pid",
            "pg_char_to_encoding",
            "pg_encoding_max_length",
            "pg_get_constraintdef",
            "pg_get_expr",
            "pg_get_function_identity_arguments",
            "pg_get_indexdef",
            "pg_get_userbyid",
            "pg_has_role",
            "pg_my_temp_schema",
            "pg_notify",
            "pg_partition_ancestors",
            "pg_partition_tree",
            "pg_size_pretty",
            "pg_sleep",
            "pg_stat_get_xact_tuples_deleted",
            "pg_stat_get_xact_tuples_inserted",
            "pg_stat_get_xact_tuples_updated",
            "pg_terminate_backend");

    @NewDatabase
    private TestDatabase database;

    @Test
    void aServerWithEverythingPassesEachCheckAndNothingIsLeft() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
        try (Connection connection = database.connect()) {
            assertThat(probe(connection)).hasSizeGreaterThan(15).allSatisfy((check, finding) -> assertThat(finding)
                    .as(check)
                    .isEqualTo("ok"));
        }
        assertThat(database.column("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'ectowatch%'"))
                .isEmpty();
    }

    @Test
    void whatAroleLacksIsNamedWithWhatToDo() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
        try (Connection connection = database.connectAs(database.role("poor"))) {
            Map<String, String> findings = probe(connection);
            assertThat(findings.get("A schema of its own"))
                    .contains("permission denied for database")
                    .contains("CREATE SCHEMA ectowatch AUTHORIZATION");
            assertThat(findings.get("Privilege to create triggers on at least one table"))
                    .contains("GRANT TRIGGER ON <table>");
            assertThat(findings.get("Advisory locks")).isEqualTo("ok");
        }
    }

    @Test
    void everyFunctionThatTheConnectorCallsIsProbedUnlessItIsEverywhere() throws Exception {
        Set<String> called = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main"))) {
            for (Path file : files.filter(file -> file.toString().matches(".*\\.(java|sql)"))
                    .toList()) {
                CALL.matcher(Files.readString(file)).results().forEach(call -> called.add(call.group(1)));
            }
        }
        Set<String> probed = CALL.matcher(Files.readString(PROBE))
                .results()
                .map(call -> call.group(1))
                .collect(Collectors.toSet());
        called.removeAll(EVERYWHERE);
        assertThat(called).hasSizeGreaterThan(10).isSubsetOf(probed);
    }

    private static Map<String, String> probe(Connection connection) throws Exception {
        Map<String, String> findings = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement()) {
            statement.execute(Files.readString(PROBE));
            do {
                try (ResultSet row = statement.getResultSet()) {
                    while (row != null && row.next()) {
                        findings.put(row.getString(1), row.getString(2));
                    }
                }
            } while (statement.getMoreResults() || statement.getUpdateCount() != -1);
        }
        return findings;
    }
}
