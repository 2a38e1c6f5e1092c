package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/** The state after {@code docker compose up}. */
@EnabledIfSystemProperty(
        named = Stack.CHOICE,
        matches = "compose",
        disabledReason = "only docker/compose.yaml has the demonstration")
@ExtendWith(StackExtension.class)
class DemonstrationIT {

    private final Stack stack;

    DemonstrationIT(Stack stack) {
        this.stack = stack;
    }

    @Test
    void theSampleChangesArriveAsRecordsOfThreeTablesAndThreeEvents() {
        Stream.of("customers.inserted", "orders.inserted", "order_items.updated", "order_items.deleted")
                .forEach(topic -> {
                    try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), "ectowatch." + topic)) {
                        JsonNode value = reader.await(1).get(0).value();
                        assertThat(value.get("table").asText() + "."
                                        + value.get("event").asText())
                                .isEqualTo(topic);
                    }
                });
    }

    @Test
    void theWorkersDoNotShowTheConnectorsPassword() {
        assertThat(stack.connect().rest().config("quickstart"))
                .containsEntry("connection.user", "ectowatch")
                .containsEntry("connection.password", "${env:ECTOWATCH_PASSWORD}");
    }

    @Test
    @DisplayName("The connector's role is no superuser and has only the privilege TRIGGER on the tables")
    void theRoleHasOnlyThePrivilegeTrigger() throws SQLException {
        assertThat(rows("SELECT rolsuper, rolreplication, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles"
                        + " WHERE rolname = 'ectowatch'"))
                .containsExactly("f f f f f");
        assertThat(rows("SELECT DISTINCT privilege_type FROM information_schema.table_privileges"
                        + " WHERE grantee = 'ectowatch' AND table_schema = 'public'"))
                .containsExactly("TRIGGER");
        assertThat(rows("SELECT DISTINCT pg_get_userbyid(proowner) FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid"
                        + " WHERE tgname LIKE 'ectowatch.%'"))
                .containsExactly("ectowatch");
    }

    @Test
    void logicalDecodingIsNotUsed() throws SQLException {
        assertThat(rows("SHOW wal_level")).containsExactly("replica");
        assertThat(rows("SELECT slot_name FROM pg_replication_slots")).isEmpty();
        assertThat(rows("SELECT pubname FROM pg_publication")).isEmpty();
    }

    private List<String> rows(String query) throws SQLException {
        try (Connection connection = stack.postgres().connect("shop");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                List<String> columns = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    columns.add(result.getString(i));
                }
                rows.add(String.join(" ", columns));
            }
            return rows;
        }
    }
}
