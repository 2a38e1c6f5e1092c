package io.ectowatch.connect.config;

import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings for what records say about the transaction that made the change. */
public final class ContextFragment {

    public static final String ALLOWED_CONFIG = "context.allowed";
    static final String ALLOWED_DOC =
            "Whether a transaction may describe its changes. What it has set with SET LOCAL ectowatch.context"
                    + " = '...' (at most 4 KiB) is in the header ectowatch.context of its records, and SET LOCAL"
                    + " ectowatch.traceparent = '...' gives the header traceparent of W3C Trace Context. Any role that may write to"
                    + " the tables may do that, with any text. Each statement costs its writer a little more.";

    public static final String ACTOR_CONFIG = "actor";
    static final String ACTOR_DOC =
            "Whether records say who made the change: the header ectowatch.session.user has the role with"
                    + " which the session was opened, and ectowatch.application.name the session's application_name. Each statement"
                    + " costs its writer a little more.";

    private static final String GROUP = "Context";

    private final AbstractConfig config;

    ContextFragment(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef definition) {
        int order = 0;
        definition
                .define(
                        ALLOWED_CONFIG,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        ALLOWED_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Context allowed")
                .define(
                        ACTOR_CONFIG,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        ACTOR_DOC,
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Actor");
    }

    /** Whether transactions may set a context and a trace. */
    public boolean allowed() {
        return config.getBoolean(ALLOWED_CONFIG);
    }

    /** Whether records say who has opened the session. */
    public boolean actor() {
        return config.getBoolean(ACTOR_CONFIG);
    }
}
