package io.ectowatch.connect.record;

import java.util.Map;

/**
 * The source offset of a change, for whoever makes several records of one change. Connect commits the offset of a record
 * once Kafka has taken that record, whatever became of the others of the same change: so only the last of them may say
 * that the change is done.
 */
public interface ChangeOffset extends Map<String, Object> {

    /** The offset of all records of the change but the last: to go on from there is to read the change again. */
    Map<String, Object> before();

    /** The offset for a record of a change. */
    static Map<String, ?> of(Map<String, ?> offset, boolean last) {
        return last || !(offset instanceof ChangeOffset ours) ? offset : ours.before();
    }
}
