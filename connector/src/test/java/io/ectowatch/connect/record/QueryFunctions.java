package io.ectowatch.connect.record;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.trigger.PinnedSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** SQL functions {@code hostile(query)} and {@code pinned(query)}, which run a query under settings that are not the usual ones. */
final class QueryFunctions {

    /** A query in the session of a writer who has changed every setting that can change how a value looks. */
    private static final String HOSTILE = """
            CREATE FUNCTION hostile(query text) RETURNS SETOF text LANGUAGE plpgsql
                SET DateStyle = 'German, DMY'
                SET TimeZone = 'Asia/Kathmandu'
                SET IntervalStyle = 'sql_standard'
                SET extra_float_digits = -15
                SET bytea_output = 'escape'
                SET lc_monetary = '%s'
                SET quote_all_identifiers = on
                SET xmlbinary = 'hex'
                SET xmloption = 'document'
                SET search_path = 'public'
            AS $$ BEGIN RETURN QUERY EXECUTE query; END $$
            """;

    /** The same as one of our functions has it. */
    private static final String PINNED = """
            CREATE FUNCTION pinned(query text) RETURNS SETOF text LANGUAGE plpgsql
                SET search_path = pg_catalog, pg_temp
                %s
            AS $$ BEGIN RETURN QUERY EXECUTE query; END $$
            """;

    private QueryFunctions() {}

    /** Creates the two functions. */
    static void create(TestDatabase database) throws SQLException {
        String pins = PinnedSettings.VALUES.entrySet().stream()
                .map(setting -> "SET " + setting.getKey() + " = '" + setting.getValue() + "'")
                .collect(joining("\n"));
        database.execute(HOSTILE.formatted(foreignMoney(database)), PINNED.formatted(pins));
    }

    /** A locale with a currency of its own, if the machine has one. */
    private static String foreignMoney(TestDatabase database) throws SQLException {
        for (String locale : List.of("de_DE.utf8", "de_DE.UTF-8", "en_GB.utf8", "en_GB.UTF-8", "ja_JP.utf8")) {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET lc_monetary = '" + locale + "'");
                return locale;
            } catch (SQLException e) {
                assertThat(e.getMessage()).contains("invalid value for parameter");
            }
        }
        return "C";
    }
}
