package io.ectowatch.connect.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Event triggers that record every DDL command of a database, of any role. */
public final class DdlLog {

    private final TestDatabase database;

    private DdlLog(TestDatabase database) {
        this.database = database;
    }

    /** Begins to write down. */
    public static DdlLog start(TestDatabase database) throws SQLException {
        database.execute(
                "CREATE TABLE ddl_log (id bigserial, command text, object text)",
                """
                CREATE FUNCTION log_ddl() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN
                    INSERT INTO public.ddl_log (command, object)
                    SELECT command_tag, object_identity FROM pg_event_trigger_ddl_commands();
                END $$
                """,
                """
                CREATE FUNCTION log_drop() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN
                    INSERT INTO public.ddl_log (command, object)
                    SELECT 'DROP ' || upper(object_type), object_identity FROM pg_event_trigger_dropped_objects();
                END $$
                """,
                "CREATE EVENT TRIGGER log_ddl ON ddl_command_end EXECUTE FUNCTION log_ddl()",
                "CREATE EVENT TRIGGER log_drop ON sql_drop EXECUTE FUNCTION log_drop()",
                "TRUNCATE ddl_log");
        return new DdlLog(database);
    }

    /** What has been run since the last call, for example {@code CREATE TRIGGER "ectowatch.shop.insert" on public.t}. */
    public List<String> take() throws SQLException {
        List<String> commands = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "WITH taken AS (DELETE FROM public.ddl_log RETURNING *) SELECT concat_ws(' ', command, object) FROM"
                                + " taken ORDER BY id")) {
            while (row.next()) {
                commands.add(row.getString(1));
            }
        }
        return commands;
    }
}
