package io.ectowatch.connect.install;

import io.ectowatch.connect.postgres.SqlText;
import java.util.List;
import java.util.Map;

/**
 * A function of the journal's that the triggers' functions call.
 *
 * @param names the names of the connector's objects
 * @param name its name within {@code database.schema}
 * @param arguments the types of its arguments, in parentheses
 * @param template the statement that makes it
 * @param body its body, as {@code pg_proc.prosrc} keeps it
 */
record CalledFunction(ObjectNames names, String name, String arguments, Template template, String body) {

    /** What makes it, or makes it anew; only the connector's functions may call it. */
    List<String> create() {
        String function = SqlText.identifier(names.schema(), name);
        return List.of(
                template.fill(Map.of("function", function, "body", SqlText.dollarQuoted(body))),
                "COMMENT ON FUNCTION " + function + arguments + " IS "
                        + SqlText.literal(Marker.of(names.connector()).comment()),
                "REVOKE ALL ON FUNCTION " + function + arguments + " FROM PUBLIC");
    }
}
