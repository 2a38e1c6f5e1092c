package io.ectowatch.it.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Tables, one for each mode, of the results that {@link Outcome#append} has written; {@code docs/reliability.md} shows some. */
final class FaultTable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HEAD =
            "| fault | times | changes | lost | not committed | out of order | wrong rows | duplicates | restarts |"
                    + " first record, s | caught up, s |\n|---|---|---|---|---|---|---|---|---|---|---|\n";

    private FaultTable() {}

    /** Prints the tables of a file as Markdown. */
    public static void main(String... file) throws IOException {
        System.out.println(of(Path.of(file[0])));
    }

    /** The tables as Markdown. The last two columns have the median and the longest time. */
    static String of(Path file) throws IOException {
        Map<String, Map<String, List<JsonNode>>> modes = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
            JsonNode result = JSON.readTree(line);
            modes.computeIfAbsent(result.get("mode").asText(), any -> new TreeMap<>())
                    .computeIfAbsent(result.get("fault").asText(), any -> new ArrayList<>())
                    .add(result);
        }
        StringBuilder text = new StringBuilder();
        modes.forEach((mode, faults) -> {
            text.append("\n").append(mode).append(":\n\n").append(HEAD);
            List<JsonNode> all = new ArrayList<>();
            faults.forEach((fault, results) -> {
                text.append(row(fault, results));
                all.addAll(results);
            });
            text.append(row("**all**", all));
        });
        return text.toString();
    }

    private static String row(String fault, List<JsonNode> results) {
        StringBuilder row = new StringBuilder("| ").append(fault).append(" | ").append(results.size());
        for (String sum :
                List.of("changes", "losses", "phantoms", "disorders", "wrongRows", "duplicates", "restarts")) {
            row.append(" | ")
                    .append(results.stream()
                            .mapToLong(result -> result.get(sum).asLong())
                            .sum());
        }
        for (String time : List.of("firstMs", "caughtUpMs")) {
            long[] sorted = results.stream()
                    .mapToLong(result -> Math.max(0, result.get(time).asLong()))
                    .sorted()
                    .toArray();
            row.append(String.format(
                    Locale.ROOT,
                    " | %.1f (%.1f)",
                    sorted[sorted.length / 2] / 1000.0,
                    sorted[sorted.length - 1] / 1000.0));
        }
        return row.append(" |\n").toString();
    }
}
