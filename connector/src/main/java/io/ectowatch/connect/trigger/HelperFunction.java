package io.ectowatch.connect.trigger;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A function of one connector that is not a trigger's: the triggers' functions call it, or the shared function that
 * shows the connector's state.
 *
 * @param names the names of the connector's objects
 * @param name its name within {@code database.schema}
 * @param arguments the types of its arguments, in parentheses
 * @param sql its text
 * @param callers the roles that may call it, besides its owner
 */
public record HelperFunction(ObjectNames names, String name, String arguments, FunctionSql sql, List<String> callers) {

    public HelperFunction {
        callers = List.copyOf(callers);
    }

    /** A function that only the connector's functions may call. */
    public HelperFunction(ObjectNames names, String name, String arguments, FunctionSql sql) {
        this(names, name, arguments, sql, List.of());
    }

    /** Creates or replaces them. */
    public static List<String> create(ObjectNames names, List<HelperFunction> functions) {
        if (functions.isEmpty()) {
            return List.of();
        }
        List<String> statements = new ArrayList<>();
        functions.forEach(function -> statements.addAll(function.create()));
        Map<List<String>, List<String>> byCallers = new LinkedHashMap<>();
        functions.forEach(function -> byCallers
                .computeIfAbsent(function.callers, any -> new ArrayList<>())
                .add(function.name));
        byCallers.forEach((callers, all) -> statements.add(SecureFunctions.of(names.schema(), all, callers)));
        return statements;
    }

    private List<String> create() {
        String function = SqlText.identifier(names.schema(), name);
        List<String> statements = new ArrayList<>(List.of(
                sql.create(),
                "COMMENT ON FUNCTION " + function + arguments + " IS "
                        + SqlText.literal(Marker.of(names.connector()).comment()),
                "REVOKE ALL ON FUNCTION " + function + arguments + " FROM PUBLIC"));
        callers.forEach(caller -> statements.add(
                "GRANT EXECUTE ON FUNCTION " + function + arguments + " TO " + SqlText.identifier(caller)));
        return statements;
    }

    /** The types of its arguments, as {@code oidvectortypes} returns them. */
    public String argumentTypes() {
        return arguments.substring(1, arguments.length() - 1);
    }
}
