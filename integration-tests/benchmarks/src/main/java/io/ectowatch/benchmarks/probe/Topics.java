package io.ectowatch.benchmarks.probe;

import io.ectowatch.benchmarks.Environment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Creates, deletes and measures topics with the admin client, without cost for producers. */
public final class Topics implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofMinutes(15);
    private static final Duration STALLED = Duration.ofSeconds(30);
    private static final int INTERVAL_MILLIS = 50;
    private static final Duration QUIET = Duration.ofSeconds(5);

    private final Admin admin;

    public Topics(Environment environment) {
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, environment.bootstrapServers()));
    }

    /** Creates the topics that do not exist. */
    public void create(List<String> topics) throws ExecutionException, InterruptedException {
        var known = admin.listTopics().names().get();
        admin.createTopics(topics.stream()
                        .filter(topic -> !known.contains(topic))
                        .map(topic -> new NewTopic(topic, Optional.of(1), Optional.empty()))
                        .toList())
                .all()
                .get();
    }

    public void delete(List<String> topics) throws ExecutionException, InterruptedException {
        admin.deleteTopics(topics).all().get();
    }

    /** The number of records of the topics. */
    public long records(List<String> topics) throws ExecutionException, InterruptedException {
        var wanted = topics.stream()
                .collect(Collectors.toMap(topic -> new TopicPartition(topic, 0), topic -> OffsetSpec.latest()));
        return admin.listOffsets(wanted).all().get().values().stream()
                .mapToLong(info -> info.offset())
                .sum();
    }

    /** The size of the topics on the broker's disk, in bytes. */
    public long bytes(List<String> topics) throws ExecutionException, InterruptedException {
        return admin.describeLogDirs(List.of(1)).allDescriptions().get().values().stream()
                .flatMap(directories -> directories.values().stream())
                .flatMap(directory -> directory.replicaInfos().entrySet().stream())
                .filter(replica -> topics.contains(replica.getKey().topic()))
                .mapToLong(replica -> replica.getValue().size())
                .sum();
    }

    /**
     * Waits until the topics have this number of records.
     *
     * @return {@link System#nanoTime()} at that moment
     */
    public long awaitRecords(List<String> topics, long count) {
        Environment.await(count + " records in " + topics, TIMEOUT, () -> records(topics) >= count);
        return System.nanoTime();
    }

    /**
     * Waits until the topics have this number of records, or the time is over.
     *
     * @return the number of records
     * @throws IllegalStateException if there has been no further record for half a minute
     */
    public long awaitRecords(List<String> topics, long count, Duration atMost) throws Exception {
        long begin = System.nanoTime();
        long grown = begin;
        long known = 0;
        while (known < count && System.nanoTime() - begin < atMost.toNanos()) {
            Thread.sleep(INTERVAL_MILLIS);
            long now = records(topics);
            if (now > known) {
                grown = System.nanoTime();
                known = now;
            } else if (System.nanoTime() - grown > STALLED.toNanos()) {
                throw new IllegalStateException(
                        "%s have %d of %d records, and no more arrive".formatted(topics, known, count));
            }
        }
        return known;
    }

    /**
     * Waits until the topics have this number of records, or the time is over.
     *
     * @return the number of records
     */
    public long awaitRecordsOrTimeout(List<String> topics, long count, Duration atMost) throws Exception {
        long begin = System.nanoTime();
        long known = records(topics);
        while (known < count && System.nanoTime() - begin < atMost.toNanos()) {
            Thread.sleep(INTERVAL_MILLIS);
            known = records(topics);
        }
        return known;
    }

    /**
     * Waits until the topics have this number of records, or have not grown for some seconds. For contenders that can
     * lose changes.
     *
     * @return {@link System#nanoTime()} when the last record was seen
     */
    public long awaitQuiet(List<String> topics, long count) {
        long[] last = {-1, System.nanoTime()};
        Environment.await("the last record in " + topics, TIMEOUT, () -> {
            long now = records(topics);
            if (now != last[0]) {
                last[0] = now;
                last[1] = System.nanoTime();
            }
            return now >= count || System.nanoTime() - last[1] > QUIET.toNanos();
        });
        return last[1];
    }

    @Override
    public void close() {
        admin.close();
    }
}
