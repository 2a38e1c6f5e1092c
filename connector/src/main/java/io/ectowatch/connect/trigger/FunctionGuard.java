package io.ectowatch.connect.trigger;

import io.ectowatch.connect.postgres.SqlText;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The statement that follows CREATE OR REPLACE FUNCTION, which keeps the owner and privileges of an existing
 * function.
 */
public final class FunctionGuard {

    private static final Template GUARD = Template.load("function-guard.sql");

    private FunctionGuard() {}

    /**
     * A statement that fails if another role owns one of the functions, and revokes the privileges of others on them.
     *
     * @param functions their names within {@code schema}
     * @param callers the roles that may call them
     */
    public static String of(String schema, List<String> functions, List<String> callers) {
        return "DO "
                + SqlText.dollarQuoted(GUARD.fill(Map.of(
                        "schema literal", SqlText.literal(SqlText.identifier(schema)),
                        "names", list(functions),
                        "allowed", list(callers))));
    }

    private static String list(List<String> texts) {
        return texts.stream().map(SqlText::literal).collect(Collectors.joining(", "));
    }
}
