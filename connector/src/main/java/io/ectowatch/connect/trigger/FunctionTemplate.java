package io.ectowatch.connect.trigger;

import io.ectowatch.connect.postgres.SqlText;
import java.util.Map;
import java.util.Set;

/**
 * A {@link Template} that is one {@code CREATE FUNCTION} or {@code DO} statement, with the body between two
 * {@code $body$}. The statement has other quotes where the body contains that text.
 */
public final class FunctionTemplate {

    private static final String QUOTE = "$body$";

    private final Template head;
    private final Template body;

    private FunctionTemplate(Template head, Template body) {
        this.head = head;
        this.body = body;
    }

    public static FunctionTemplate load(String name) {
        Template[] parts = Template.load(name).split(QUOTE);
        if (parts.length != 3) {
            throw new IllegalStateException(name + " must contain one body between " + QUOTE);
        }
        return new FunctionTemplate(parts[0], parts[1]);
    }

    /** The statement with every place filled, and no flag set. */
    public FunctionSql fill(Map<String, String> values) {
        return fill(values, Set.of());
    }

    /** The statement with every place filled. */
    public FunctionSql fill(Map<String, String> values, Set<String> flags) {
        String text = body.fill(values, flags);
        return new FunctionSql(head.fill(values, flags) + SqlText.dollarQuoted(text), text);
    }
}
