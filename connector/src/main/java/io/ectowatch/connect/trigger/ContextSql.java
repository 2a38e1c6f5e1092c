package io.ectowatch.connect.trigger;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ChangeContext;
import io.ectowatch.connect.protocol.ObjectNames;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the triggers' functions capture about a transaction besides its changes: a {@link ChangeContext}. Without any of
 * it their text has no trace of it.
 *
 * @param settings whether transactions may set a context and a trace
 * @param actor whether to capture who has opened the session
 */
public record ContextSql(boolean settings, boolean actor) {

    public static final ContextSql NONE = new ContextSql(false, false);

    private static final FunctionTemplate FUNCTION = FunctionTemplate.load("context.sql");

    private static final String CONTEXT_SETTING = "ectowatch.context";
    private static final String TRACEPARENT_SETTING = "ectowatch.traceparent";

    private boolean isNone() {
        return !settings && !actor;
    }

    /** The function that the triggers' functions call, if they capture anything. */
    public Optional<HelperFunction> function(ObjectNames names) {
        if (isNone()) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        addTo(values, names);
        values.put("connector", TriggerFunction.oneLine(names.connector()));
        values.put("context setting", CONTEXT_SETTING);
        values.put("traceparent setting", TRACEPARENT_SETTING);
        values.put("context literal", SqlText.literal(CONTEXT_SETTING));
        values.put("traceparent literal", SqlText.literal(TRACEPARENT_SETTING));
        values.put("context bytes", Integer.toString(ChangeContext.CONTEXT_BYTES));
        values.put("traceparent bytes", Integer.toString(ChangeContext.TRACEPARENT_BYTES));
        values.put("context name", name(ChangeContext.CONTEXT));
        values.put("traceparent name", name(ChangeContext.TRACEPARENT));
        values.put("session user name", name(ChangeContext.SESSION_USER));
        values.put("application name name", name(ChangeContext.APPLICATION_NAME));
        values.put("left out field", SqlText.literal(leftOutField()));
        Set<String> flags = new HashSet<>();
        if (settings) {
            flags.add("settings");
        }
        if (actor) {
            flags.add("actor");
        }
        return Optional.of(new HelperFunction(names, names.contextFunction(), "()", FUNCTION.fill(values, flags)));
    }

    private static String name(String field) {
        return SqlText.literal("\"" + field + "\":");
    }

    private static String leftOutField() {
        return "\"" + ChangeContext.LEFT_OUT + "\":true";
    }

    /** Adds what the functions need that call it. */
    void addTo(Map<String, String> values, ObjectNames names) {
        values.put("transaction context", SqlText.identifier(names.schema(), names.contextFunction()));
        values.put("left out", SqlText.literal("{" + leftOutField() + "},"));
        values.put(
                "has context",
                "concat(current_setting(" + SqlText.literal(CONTEXT_SETTING) + ", true), current_setting("
                        + SqlText.literal(TRACEPARENT_SETTING) + ", true)) <> ''");
    }

    /** The flags of their templates. */
    public Set<String> flags() {
        return isNone() ? Set.of() : actor ? Set.of("context", "always") : Set.of("context");
    }
}
