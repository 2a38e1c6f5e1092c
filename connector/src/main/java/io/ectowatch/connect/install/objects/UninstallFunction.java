package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.install.objects.SchemaContents.PresentFunction;
import io.ectowatch.connect.install.plan.AdvisoryLock;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.FunctionSql;
import io.ectowatch.connect.trigger.FunctionTemplate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The function that uninstalls a connector without Kafka Connect. All connectors of a schema share it. The connector
 * itself runs its text, not the function, since another role may own the function and change it.
 */
public final class UninstallFunction {

    public static final String NAME = "uninstall";
    static final String ARGUMENTS = "text";

    private static final FunctionTemplate TEMPLATE = FunctionTemplate.load("uninstall.sql");

    private final String schema;

    public UninstallFunction(String schema) {
        this.schema = schema;
    }

    private String function() {
        return SqlText.identifier(schema, NAME);
    }

    private FunctionSql sql() {
        return sql("$1", "RETURN dropped;");
    }

    private FunctionSql sql(String connector, String result) {
        Map<String, String> places = new HashMap<>();
        places.put("connector", connector);
        places.put("result", result);
        places.put("shared", SqlText.literal(Marker.beginning("")));
        places.put("beginning", Marker.beginningSql("leaving"));
        places.put("any beginning", SqlText.literal(Marker.beginning()));
        places.put("schema literal", SqlText.literal(SqlText.identifier(schema)));
        places.put("schema", SqlText.identifier(schema));
        places.put("presence", ObjectNames.presenceKey(schema, "leaving"));
        places.put(
                "holders of presence",
                AdvisoryLock.presence(schema, "leaving", "beginning").countingHolders());
        places.put("install key", ObjectNames.INSTALL_KEY);
        places.put("holders of install", AdvisoryLock.install(schema).countingHolders());
        places.put("status", SqlText.identifier(schema, StatusObjects.VIEW));
        places.put("status literal", SqlText.literal(SqlText.identifier(schema, StatusObjects.VIEW)));
        places.put("function", function());
        return TEMPLATE.fill(places);
    }

    /** Creates or replaces the function. */
    List<String> create() {
        return List.of(
                sql().create(),
                "COMMENT ON FUNCTION " + function() + "(text) IS "
                        + SqlText.literal(Marker.shared().comment()));
    }

    /** Whether {@code found} is this function. */
    boolean isLike(PresentFunction found) {
        return found.body().equals(sql().body()) && found.header().equals(sql().header());
    }

    /** The statement that does the same for one connector. */
    public String run(String connector) {
        return "DO "
                + SqlText.dollarQuoted(
                        sql(SqlText.literal(connector), "RETURN;").body());
    }
}
