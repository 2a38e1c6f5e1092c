package io.ectowatch.connect.install;

import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a connector's triggers stand on: the schema, its sequences and, for durable delivery, the journal. */
final class Foundation {

    private static final String RELATION =
            "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ?";

    private final Connection connection;
    private final ObjectNames names;
    private final Optional<JournalObjects> journal;

    Foundation(Connection connection, ObjectNames names, Optional<JournalSettings> journal) {
        this.connection = connection;
        this.names = names;
        this.journal = journal.map(settings -> new JournalObjects(names, settings.maxBytes(), settings.bell()));
    }

    /** What is still to be made, as one step; empty when all is there. It may be more than one step in a row. */
    Optional<Step> missing() throws SQLException {
        List<String> statements = new ArrayList<>();
        if (!exists("SELECT FROM pg_namespace WHERE nspname = ?", names.schema())) {
            statements.add("CREATE SCHEMA IF NOT EXISTS " + SqlText.identifier(names.schema()));
            statements.add("COMMENT ON SCHEMA " + SqlText.identifier(names.schema())
                    + " IS 'EctoWatch for Kafka Connect: what its triggers call'");
        }
        boolean lost = !exists(RELATION, names.schema(), names.lostSequence());
        if (lost) {
            statements.add("CREATE SEQUENCE IF NOT EXISTS " + names.lost() + " CACHE 1");
            statements.add("COMMENT ON SEQUENCE " + names.lost() + " IS "
                    + SqlText.literal(new Marker(names.connector(), "", "", "", "").comment()));
        }
        if (journal.isPresent()) {
            boolean found = journal.get().find(connection);
            if (found && lost) {
                // Somebody has dropped it, and nobody knows what it would have said.
                statements.add(names.setLost());
            }
            if (!found) {
                statements.addAll(journal.get().create());
            } else if (!journal.get().hasFunctions(connection)) {
                statements.addAll(journal.get().createFunctions());
            }
        }
        return statements.isEmpty()
                ? Optional.empty()
                : Optional.of(new Step(
                        "make what the triggers of " + names.connector() + " stand on",
                        Set.of(),
                        Step.Lock.NONE,
                        statements));
    }

    /** What makes the triggers' functions; to be asked once nothing is missing. */
    InstallPlan.Functions functions() {
        if (journal.isEmpty()) {
            return table -> new NotifyFunction(names, table);
        }
        LayoutRegistry layouts = new LayoutRegistry(names);
        return table -> new JournalFunction(names, journal.get(), table, layouts.id(connection, table));
    }

    private boolean exists(String query, String... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }
}
