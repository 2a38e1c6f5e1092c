package io.ectowatch.connect.install.uninstall;

import io.ectowatch.connect.install.objects.UninstallFunction;
import io.ectowatch.connect.install.plan.Installer;
import io.ectowatch.connect.install.plan.Pause;
import io.ectowatch.connect.install.plan.Step;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Uninstalls a connector: removes all of its objects in the database, known by the markers in their comments, or
 * none.
 */
public final class Uninstaller {

    /** The tables with its triggers, and those of its journal. */
    private static final String TABLES = """
            SELECT t.tgrelid
            FROM pg_namespace AS n
            JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.prorettype = 'trigger'::regtype
            JOIN pg_trigger AS t ON t.tgfoid = p.oid
            WHERE n.nspname = ? AND starts_with(obj_description(p.oid, 'pg_proc'), ?)
            UNION
            SELECT c.oid
            FROM pg_namespace AS n
            JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relkind = 'r'
            WHERE n.nspname = ? AND starts_with(obj_description(c.oid, 'pg_class'), ?)
            """;

    private final ObjectNames names;
    private final Installer installer;

    /** @param lockTimeoutMs the longest wait for a table's lock */
    public Uninstaller(ObjectNames names, int lockTimeoutMs, Pause pause) {
        this.names = names;
        this.installer = new Installer(names.schema(), lockTimeoutMs, pause);
    }

    /**
     * Tries it once.
     *
     * @param connection in autocommit mode
     * @return the obstacle, or empty when nothing is left
     * @throws SQLException if it failed for another reason; then nothing was removed
     */
    public Optional<String> attempt(Connection connection) throws SQLException, InterruptedException {
        return installer.run(
                connection,
                new Step(
                        "remove all of connector " + names.connector(),
                        tables(connection),
                        Step.Lock.ACCESS_EXCLUSIVE,
                        List.of(new UninstallFunction(names.schema()).run(names.connector()))));
    }

    private Set<Long> tables(Connection connection) throws SQLException {
        Set<Long> tables = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
            statement.setString(1, names.schema());
            statement.setString(2, Marker.beginning(names.connector()));
            statement.setString(3, names.schema());
            statement.setString(4, Marker.beginning(names.connector()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    tables.add(row.getLong(1));
                }
            }
        }
        return tables;
    }
}
