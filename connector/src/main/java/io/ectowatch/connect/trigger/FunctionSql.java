package io.ectowatch.connect.trigger;

/**
 * The text of a function.
 *
 * @param create the statement that creates or replaces it
 * @param body its body, as in {@code pg_proc.prosrc}
 */
public record FunctionSql(String create, String body) {

    /** Its other properties: see {@link FunctionHeader}. */
    public String header() {
        return FunctionHeader.of(create);
    }
}
