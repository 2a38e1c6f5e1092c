package io.ectowatch.connect.trigger;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import java.util.ArrayList;
import java.util.List;

/**
 * A function of the journal that the triggers' functions call.
 *
 * @param names the names of the connector's objects
 * @param name its name within {@code database.schema}
 * @param arguments the types of its arguments, in parentheses
 * @param sql its text
 */
public record HelperFunction(ObjectNames names, String name, String arguments, FunctionSql sql) {

    /** Creates or replaces them; only the connector's functions may call them. */
    public static List<String> create(ObjectNames names, List<HelperFunction> functions) {
        if (functions.isEmpty()) {
            return List.of();
        }
        List<String> statements = new ArrayList<>();
        functions.forEach(function -> statements.addAll(function.create()));
        statements.add(SecureFunctions.of(
                names.schema(), functions.stream().map(HelperFunction::name).toList(), List.of()));
        return statements;
    }

    private List<String> create() {
        String function = SqlText.identifier(names.schema(), name);
        return List.of(
                sql.create(),
                "COMMENT ON FUNCTION " + function + arguments + " IS "
                        + SqlText.literal(Marker.of(names.connector()).comment()),
                "REVOKE ALL ON FUNCTION " + function + arguments + " FROM PUBLIC");
    }

    /** The types of its arguments, as {@code oidvectortypes} returns them. */
    public String argumentTypes() {
        return arguments.substring(1, arguments.length() - 1);
    }
}
