package io.ectowatch.connect.journal;

import io.ectowatch.connect.record.ChangeSource;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.testing.Watching;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Reads a backlog in a JVM of its own, whose heap is small. Every key is inserted, updated and deleted; each of the three
 * must come once, and in this order.
 */
final class BacklogReader {

    private static final int BATCH = 2_048;

    private BacklogReader() {}

    /** Arguments: how many keys there are, and the settings, as {@code "key=value"}. Ends with 0 when all is right. */
    public static void main(String[] args) throws Exception {
        int keys = Integer.parseInt(args[0]);
        byte[] seen = new byte[keys + 1];
        long started = System.nanoTime();
        long count = 0;
        Map<String, ?> beginning = null;
        try (Watching watching = Watching.begin(beginning, Arrays.copyOfRange(args, 1, args.length))) {
            ChangeSource source = watching.source();
            while (count < 3L * keys) {
                List<Delivery> deliveries = source.poll(BATCH, 500);
                source.handedOver(deliveries.size());
                for (Delivery delivery : deliveries) {
                    int key = (Integer) delivery.change().values()[0];
                    if (delivery.change().event().ordinal() != seen[key]++) {
                        throw new IllegalStateException(
                                Watching.describe(delivery.change()) + " comes as number " + seen[key]);
                    }
                    source.acknowledged(delivery.offset());
                }
                count += deliveries.size();
                source.committed();
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        long peak = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            peak += pool.getType() == MemoryType.HEAP ? pool.getPeakUsage().getUsed() : 0;
        }
        System.out.printf(
                "%,d changes in %.1f s, %,.0f/s; heap at most %,d of %,d KiB%n",
                count,
                seconds,
                count / seconds,
                peak >> 10,
                Runtime.getRuntime().maxMemory() >> 10);
    }
}
