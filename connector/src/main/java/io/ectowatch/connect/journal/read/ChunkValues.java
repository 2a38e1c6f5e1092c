package io.ectowatch.connect.journal.read;

import com.fasterxml.jackson.core.JsonParser;
import io.ectowatch.connect.backfill.Backfill;
import io.ectowatch.connect.backfill.Chunk;
import io.ectowatch.connect.postgres.TextHash;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.record.Row;
import io.ectowatch.connect.record.RowReader;
import io.ectowatch.connect.watch.WatchedTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of the rows of chunks. The reader's thread does that, since the task's thread, which converts and sends
 * each record, has more to do.
 */
final class ChunkValues {

    /** So many digits of a hash do not coincide in a table of any size. */
    private static final int KEY_DIGITS = 24;

    private final TextHash hash = new TextHash(KEY_DIGITS);
    /** The table of the last chunk, and what reads its rows. */
    private @Nullable WatchedTable table;

    private @Nullable RowReader reader;

    /** The rows of a chunk of that backfill. */
    List<ReadRow> of(Backfill backfill, WatchedTable of, Chunk chunk) {
        RowReader values = readerOf(of);
        String prefix = backfill.id() + ".";
        List<ReadRow> rows = new ArrayList<>(chunk.rows().size());
        for (Chunk.Row row : chunk.rows()) {
            String entry = row.entry();
            if (entry == null) {
                rows.add(new ReadRow(row.key(), null, null, 0));
            } else {
                // The same key has the same id when it is read again, and another key has another one.
                String id = prefix + hash.of(row.key());
                rows.add(new ReadRow(row.key(), id, read(values, entry), entry.length()));
            }
        }
        return rows;
    }

    private RowReader readerOf(WatchedTable of) {
        RowReader known = reader;
        if (known != null && table == of) {
            return known;
        }
        RowReader fresh = new RowReader(of);
        reader = fresh;
        table = of;
        return fresh;
    }

    private static @Nullable Row read(RowReader values, String entry) {
        try (JsonParser parser = RowReader.JSON.createParser(entry)) {
            parser.nextToken();
            return values.read(parser, EventCode.INSERTED);
        } catch (IOException e) {
            return null;
        }
    }
}
