package io.ectowatch.connect.journal.offset;

import io.ectowatch.connect.backfill.Backfill;
import io.ectowatch.connect.journal.state.JournalPosition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place within what a backfill has read. Connect stores the position of one record in many, so it is made when it is needed.
 *
 * @param begin the position before the first row
 * @param backfill how far the backfill had come before the first row; null if there are no rows
 * @param key see {@link io.ectowatch.connect.backfill.Chunk#key}
 * @param last the key of the row before this place; null at {@code begin}
 * @param rows how many rows were read until here
 * @param published how many of them are published
 */
public record ReadPlace(
        JournalPosition begin,
        @Nullable Backfill backfill,
        @Nullable String key,
        @Nullable List<String> last,
        long rows,
        long published) {

    /** A place between other things than rows. */
    public static ReadPlace of(JournalPosition position) {
        return new ReadPlace(position, null, null, null, 0, 0);
    }

    /** The position that Connect stores. */
    public JournalPosition position() {
        if (backfill == null || last == null) {
            return begin;
        }
        Backfill reached = backfill.after(key, last, published);
        return begin.at(0, 0, begin.index() + rows).with(begin.backfills().with(reached));
    }
}
