package io.ectowatch.connect.record;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The source offset of a change that gives several records. Connect commits the offset of a record once Kafka has
 * acknowledged that record, whatever happened to the other records of the change. So only the last of them may carry
 * the offset that completes the change.
 */
public interface ChangeOffset extends Map<String, Object> {

    /**
     * The offset of all records of the change but the last: a task that continues there reads the change again. Each call
     * gives another object.
     */
    Map<String, Object> before();

    /** The same offset for a change that also stands for earlier ones: {@link #before} is then before the first of them. */
    ChangeOffset since(ChangeOffset first);

    /** The offset for a record of a change. */
    static @Nullable Map<String, ?> of(@Nullable Map<String, ?> offset, boolean last) {
        return last || !(offset instanceof ChangeOffset ours) ? offset : ours.before();
    }
}
