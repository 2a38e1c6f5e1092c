package io.ectowatch.connect.backfill;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.ChangeSource;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Reads a backfill in a JVM of its own, whose heap is small, with a Kafka that is slow: it acknowledges nothing before the
 * backfill has stopped to wait. Every key must come once.
 */
final class BackfillReader {

    private static final int BATCH = 2_048;

    /** 16 MiB of small records, and what was read before they were sent. */
    static final int MOST_WAITING = 17_000 + 3 * ChunkReader.MOST_ROWS;

    private BackfillReader() {}

    /** Arguments: how many keys there are, and the settings, as {@code "key=value"}. Ends with 0 when all is right. */
    public static void main(String[] args) throws Exception {
        int keys = Integer.parseInt(args[0]);
        BitSet seen = new BitSet(keys + 1);
        long started = System.nanoTime();
        boolean ended = false;
        List<SourceRecord> sent = new ArrayList<>();
        try (Watching watching = Watching.begin((Map<String, ?>) null, Arrays.copyOfRange(args, 1, args.length))) {
            ChangeSource source = watching.source();
            WatchedTable table = null;
            RecordFactory factory = null;
            while (!ended) {
                List<Delivery> deliveries = source.poll(BATCH, 50);
                for (Delivery delivery : deliveries) {
                    Change change = delivery.change();
                    if (factory == null || table != change.table()) {
                        table = change.table();
                        factory = new RecordFactory(table, "shop");
                    }
                    factory.append(delivery, sent);
                    ended |= change.event() == Event.BACKFILLED;
                    if (change.event() == Event.READ) {
                        int key = (Integer) change.values()[0];
                        if (seen.get(key)) {
                            throw new IllegalStateException(Watching.describe(change) + " comes twice");
                        }
                        seen.set(key);
                    }
                }
                source.handedOver(deliveries.size());
                if (sent.size() > MOST_WAITING) {
                    throw new IllegalStateException(sent.size() + " records wait for Kafka");
                }
                if (deliveries.isEmpty()) {
                    sent.forEach(record -> source.acknowledged(record.sourceOffset()));
                    sent.clear();
                    source.committed();
                }
            }
        }
        if (seen.cardinality() != keys) {
            throw new IllegalStateException(seen.cardinality() + " of " + keys + " keys");
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        System.out.printf(
                "%,d rows in %.1f s, %,.0f/s, with a heap of %,d KiB%n",
                keys, seconds, keys / seconds, Runtime.getRuntime().maxMemory() >> 10);
    }
}
