package io.ectowatch.connect.trigger;

import io.ectowatch.connect.postgres.SqlText;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The statement that follows CREATE OR REPLACE FUNCTION, which keeps the owner and privileges of an existing
 * function.
 */
public final class SecureFunctions {

    private static final FunctionTemplate SECURE = FunctionTemplate.load("secure-functions.sql");

    private SecureFunctions() {}

    /**
     * A statement that fails if another role owns one of the functions, and revokes the privileges of others on them.
     *
     * @param functions their names within {@code schema}
     * @param callers the roles that may call them
     */
    public static String of(String schema, List<String> functions, List<String> callers) {
        return SECURE.fill(Map.of(
                        "schema literal", SqlText.literal(SqlText.identifier(schema)),
                        "names", list(functions, ",\n"),
                        "callers", list(callers, ", ")))
                .create();
    }

    private static String list(List<String> texts, String separator) {
        return texts.stream().map(SqlText::literal).collect(Collectors.joining(separator));
    }
}
