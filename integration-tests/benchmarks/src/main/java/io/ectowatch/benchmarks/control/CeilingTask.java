package io.ectowatch.benchmarks.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** Returns the same prepared records repeatedly, up to the configured number. */
public final class CeilingTask extends SourceTask {

    /** The batch size of EctoWatch. */
    private static final int BATCH = 2_000;

    private static final int IDLE_MILLIS = 100;

    private List<SourceRecord> prepared;
    private long left;

    @Override
    public void start(Map<String, String> settings) {
        left = Long.parseLong(settings.get("records"));
        ControlRecords records = new ControlRecords(settings);
        prepared = new ArrayList<>(BATCH);
        Map<String, String> partition = Map.of("connector", settings.get("name"));
        for (int i = 0; i < BATCH; i++) {
            prepared.add(records.inserted(i, partition, Map.of("position", (long) i)));
        }
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        if (left == 0) {
            Thread.sleep(IDLE_MILLIS);
            return null;
        }
        int count = (int) Math.min(left, BATCH);
        left -= count;
        return prepared.subList(0, count);
    }

    @Override
    public void stop() {}

    @Override
    public String version() {
        return "control";
    }
}
