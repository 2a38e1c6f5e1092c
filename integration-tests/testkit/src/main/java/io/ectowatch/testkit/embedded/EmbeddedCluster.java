package io.ectowatch.testkit.embedded;

import io.ectowatch.testkit.KafkaBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/**
 * KRaft nodes that are brokers and controllers, as one. With several, each partition has a replica on each node, and a record is
 * acknowledged when all nodes but one have it.
 */
final class EmbeddedCluster implements KafkaBroker {

    private final String id = Uuid.randomUuid().toString();
    private final List<EmbeddedBroker> nodes;

    /** Creates no files and starts no process. */
    EmbeddedCluster(String classPath, Path directory, int size) {
        nodes = IntStream.rangeClosed(1, size)
                .mapToObj(node -> new EmbeddedBroker(classPath, directory, node, size))
                .toList();
    }

    /** Writes the configuration files and formats the storage of the nodes. */
    void create() {
        String voters = nodes.stream().map(EmbeddedBroker::voter).collect(Collectors.joining(","));
        nodes.parallelStream().forEach(node -> node.create(id, voters));
    }

    int size() {
        return nodes.size();
    }

    List<KafkaBroker> brokers() {
        return List.copyOf(nodes);
    }

    @Override
    public String bootstrapServers() {
        return nodes.stream().map(KafkaBroker::bootstrapServers).collect(Collectors.joining(","));
    }

    /** The addresses to which the workers connect. */
    String bootstrapServersOfWorkers() {
        return nodes.stream().map(EmbeddedBroker::bootstrapServersOfWorkers).collect(Collectors.joining(","));
    }

    @Override
    public Optional<String> securedServers() {
        return nodes.get(0).securedServers();
    }

    /** All at once: a node alone has no quorum, and does not answer. */
    @Override
    public void start() {
        nodes.forEach(EmbeddedBroker::launch);
        nodes.forEach(EmbeddedBroker::awaitReady);
    }

    @Override
    public void kill() {
        nodes.forEach(EmbeddedBroker::kill);
    }

    /** Kills the processes that are running. */
    void discard() {
        nodes.forEach(EmbeddedBroker::discard);
    }

    /** Deletes the data of the nodes. */
    void delete() throws IOException {
        for (EmbeddedBroker node : nodes) {
            node.delete();
        }
    }
}
