package io.ectowatch.benchmarks;

import io.ectowatch.testkit.embedded.EmbeddedStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.utils.AppInfoParser;

/**
 * The machine and the versions of a run.
 *
 * @param text a paragraph of Markdown
 */
record Machine(String text) {

    static Machine of(Environment environment) throws SQLException, IOException {
        try (Connection connection = environment.connect()) {
            return new Machine("""
                    Run on %s: %d cores (%s), %s %s, Java %s. PostgreSQL %s (%s), Kafka %s: server, broker, Connect worker \
                    (heap `%s`, the broker's `%s`; both with `%s`), writers and consumer share the machine. Producers: %s. \
                    Figures are medians of the rounds, with the minimum and the maximum in brackets.
                    """.formatted(
                            LocalDate.now(),
                            Runtime.getRuntime().availableProcessors(),
                            processor(),
                            System.getProperty("os.name"),
                            System.getProperty("os.version"),
                            System.getProperty("java.version"),
                            connection.getMetaData().getDatabaseProductVersion(),
                            list(Environment.serverSettings()),
                            AppInfoParser.getVersion(),
                            System.getProperty(EmbeddedStack.WORKER_HEAP),
                            System.getProperty(EmbeddedStack.BROKER_HEAP),
                            System.getProperty(EmbeddedStack.JVM_OPTIONS),
                            list(environment.producerSettings())));
        }
    }

    private static String list(Map<String, String> settings) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(settings).forEach((key, value) -> text.append("`%s=%s`, ".formatted(key, value)));
        return text.substring(0, text.length() - 2);
    }

    private static String processor() throws IOException {
        Path file = Path.of("/proc/cpuinfo");
        if (!Files.exists(file)) {
            return System.getProperty("os.arch");
        }
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        }
    }
}
