package io.ectowatch.benchmarks.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** JMH benchmarks of the connector's code without I/O, in a separate process. */
final class HotPath implements Workload {

    @Override
    public String name() {
        return "hot-path";
    }

    @Override
    public String description(Options options) {
        return """
                JMH (`%s`): time and allocated memory per change, with a key of one `bigint`. *convert* is the work of \
                Connect's JsonConverter, which is the same for every connector.""".formatted(String.join(" ", options.jmh()));
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.name().equals("durable"); // Both delivery modes have the same code.
    }

    @Override
    public void turn(Turn turn) throws Exception {
        Path build = Path.of(System.getProperty("bench.jmh", "../../connector/target"));
        Path results = Files.createTempFile("jmh", ".json");
        try {
            run(build, results, turn.options());
            for (JsonNode benchmark : new ObjectMapper().readTree(results.toFile())) {
                String name = benchmark.get("benchmark").asText();
                String method = name.substring(name.lastIndexOf('.') + 1);
                turn.add(method, "ns", benchmark.at("/primaryMetric/score").asDouble());
                turn.add(
                        method + " allocates",
                        "bytes",
                        benchmark
                                .at("/secondaryMetrics/gc.alloc.rate.norm/score")
                                .asDouble());
            }
        } finally {
            Files.delete(results);
        }
    }

    private static void run(Path build, Path results, Options options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                String.join(
                        ":",
                        build.resolve("test-classes").toString(),
                        build.resolve("classes").toString(),
                        Files.readString(build.resolve("jmh.classpath")).strip()),
                "org.openjdk.jmh.Main",
                "-prof",
                "gc",
                "-rf",
                "json",
                "-rff",
                results.toString()));
        command.addAll(options.jmh());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IllegalStateException("JMH failed: " + output);
        }
    }
}
