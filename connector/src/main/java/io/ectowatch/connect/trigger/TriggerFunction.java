package io.ectowatch.connect.trigger;

import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.Map;
import java.util.Optional;

/** Generates the functions that the triggers of one table call. */
public interface TriggerFunction {

    /** The delivery mode that it is for. */
    DeliveryMode delivery();

    /**
     * A statement that announces, at the place in the order where the table's triggers start, that earlier changes
     * may have been lost; empty if the task has to announce it.
     */
    Optional<String> announcement();

    /** A statement for the same place if the table is watched for the first time; empty for none. */
    default Optional<String> firstTime() {
        return Optional.empty();
    }

    /**
     * The statements for that place.
     *
     * @param first whether the table is watched for the first time
     */
    default Optional<String> announcement(boolean first) {
        String more = first ? firstTime().map(text -> ";\n" + text).orElse("") : "";
        return announcement().map(text -> text + more);
    }

    /** The function for a kind of statement. */
    FunctionSql sql(Operation operation);

    /** Adds the places that the templates of both deliveries have. */
    static void addTo(Map<String, String> values, ObjectNames names, WatchedTable table, Operation operation) {
        TableName name = table.shape().name();
        values.put("connector", oneLine(names.connector()));
        values.put("function", SqlText.identifier(names.schema(), names.function(name, operation.text())));
        values.put("purpose", operation.name() + " on " + oneLine(name.toString()));
    }

    /** A line break in a name must not end an SQL comment. */
    public static String oneLine(String text) {
        return text.replaceAll("\\R", " ");
    }
}
