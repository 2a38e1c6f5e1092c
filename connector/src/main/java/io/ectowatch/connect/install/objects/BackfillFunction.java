package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.install.objects.SchemaContents.PresentFunction;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.trigger.FunctionSql;
import io.ectowatch.connect.trigger.FunctionTemplate;
import java.util.List;
import java.util.Map;

/**
 * A function by which people request or stop a backfill. All connectors of a schema share it. Unlike the connector's other
 * functions it keeps the privileges that people grant on it.
 *
 * @param schema the schema of the connectors
 * @param name its name
 * @param arguments the types of its arguments, as {@code oidvectortypes} returns them
 * @param sql its text
 */
record BackfillFunction(String schema, String name, String arguments, FunctionSql sql) {

    private static final String REQUEST = "backfill";
    private static final String STOPPING = "backfill_stop";

    /** The names of these functions. */
    static final List<String> NAMES = List.of(REQUEST, STOPPING);

    private static final FunctionTemplate BACKFILL = FunctionTemplate.load("backfill.sql");
    private static final FunctionTemplate STOP = FunctionTemplate.load("backfill-stop.sql");
    private static final FunctionTemplate SECURE = FunctionTemplate.load("secure-backfill.sql");

    /** The functions of a schema. */
    static List<BackfillFunction> all(String schema) {
        return List.of(of(schema, REQUEST, "text, regclass, text", BACKFILL), of(schema, STOPPING, "text, text", STOP));
    }

    private static BackfillFunction of(String schema, String name, String arguments, FunctionTemplate template) {
        return new BackfillFunction(
                schema,
                name,
                arguments,
                template.fill(Map.of(
                        "function", SqlText.identifier(schema, name),
                        "schema literal", SqlText.literal(SqlText.identifier(schema)),
                        "schema name", SqlText.literal(schema))));
    }

    /** Creates or replaces it; nobody but its owner may execute a new one. */
    List<String> create() {
        String signature = SqlText.identifier(schema, name) + "(" + arguments + ")";
        return List.of(
                sql.create(),
                SECURE.fill(Map.of("signature", SqlText.literal(signature))).create(),
                "COMMENT ON FUNCTION " + signature + " IS "
                        + SqlText.literal(Marker.shared().comment()));
    }

    /** Whether {@code found} is this function. */
    boolean isLike(PresentFunction found) {
        return found.body().equals(sql.body()) && found.header().equals(sql.header());
    }
}
