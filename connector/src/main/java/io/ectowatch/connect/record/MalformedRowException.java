package io.ectowatch.connect.record;

import io.ectowatch.connect.config.names.TableName;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A row from a trigger does not match the table as the task knows it. Names table and column, but no value. */
public final class MalformedRowException extends IOException {

    private static final long serialVersionUID = 1;

    MalformedRowException(TableName table, String problem, @Nullable Throwable cause) {
        super("A change of table " + table + " cannot be read: " + problem + ".", cause);
    }
}
