package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.install.objects.SchemaContents.PresentFunction;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.FunctionGuard;
import io.ectowatch.connect.trigger.FunctionHeader;
import io.ectowatch.connect.trigger.Template;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A function of the journal that the triggers' functions call.
 *
 * @param names the names of the connector's objects
 * @param name its name within {@code database.schema}
 * @param arguments the types of its arguments, in parentheses
 * @param template the statement that creates it
 * @param body its body, as in {@code pg_proc.prosrc}
 */
public record HelperFunction(ObjectNames names, String name, String arguments, Template template, String body) {

    /** Creates or replaces it; only the connector's functions may call it. */
    List<String> create() {
        String function = SqlText.identifier(names.schema(), name);
        return List.of(
                definition(),
                "COMMENT ON FUNCTION " + function + arguments + " IS "
                        + SqlText.literal(Marker.of(names.connector()).comment()),
                "REVOKE ALL ON FUNCTION " + function + arguments + " FROM PUBLIC",
                FunctionGuard.of(names.schema(), List.of(name), List.of()));
    }

    private String definition() {
        return template.fill(
                Map.of("function", SqlText.identifier(names.schema(), name), "body", SqlText.dollarQuoted(body)));
    }

    /** The types of its arguments, as {@code oidvectortypes} returns them. */
    String argumentTypes() {
        return arguments.substring(1, arguments.length() - 1);
    }

    /** Whether {@code found} is this function, and no other role may call it. */
    boolean isLike(PresentFunction found) {
        return found.marker().equals(Optional.of(Marker.of(names.connector())))
                && found.body().equals(body)
                && found.header().equals(FunctionHeader.of(definition()))
                && found.callers().isEmpty();
    }
}
