package io.ectowatch.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.it.StackExtension;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@DisabledIfSystemProperty(
        named = Stack.CHOICE,
        matches = "testcontainers|compose",
        disabledReason = "the quickstart uses the embedded stack only")
class QuickstartIT {

    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    /** The file for a picture of the tour, for the documentation; usually null. */
    private static final String RECORDING = System.getProperty("quickstart.recording");

    @TempDir
    private Path directory;

    private Process quickstart;

    @AfterEach
    void end() {
        if (quickstart != null) {
            quickstart.destroyForcibly();
        }
    }

    @Test
    void tenChangesArePrintedWithTopicKeyValueAndTime() throws Exception {
        start("-Dquickstart.changes=10");

        assertThat(quickstart.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();

        assertThat(quickstart.exitValue()).as(output()).isZero();
        assertThat(output())
                .contains("psql postgresql://", "--bootstrap-server 127.0.0.1:", "curl http://127.0.0.1:")
                .containsPattern("ectowatch\\.customers\\.inserted +\\{\"id\":1} +[0-9.]+ ms")
                .containsPattern("ectowatch\\.order_items\\.deleted +\\{\"order_id\":1,\"line\":2} +[0-9.]+ ms")
                .containsPattern("\"event\":\"updated\",\"schema\":\"public\",\"table\":\"orders\"")
                .contains("All 10 changes arrived")
                .doesNotContain("\u001b[", "Exception");
    }

    @Test
    void theTourShowsChangesALossAndItsRepairAHotRowAndASlowStandby() throws Exception {
        start("-Dquickstart.tour", "-Dquickstart.color=true");

        assertThat(quickstart.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();

        String colored = output();
        assertThat(quickstart.exitValue()).as(colored).isZero();
        assertThat(colored).contains("\u001b[");
        assertThat(colored.replaceAll("\u001b\\[[0-9]*m", ""))
                .contains("All 5 changes arrived")
                .containsPattern("table and copy +Nowhere \\| Turin(?s:.*)ectowatch\\.customers\\.resync +null"
                        + "(?s:.*)table and copy +Nowhere \\| Nowhere")
                .containsPattern("updates and records +1000 \\| [0-9]{1,2}\n")
                .containsPattern("standby, at once +Nowhere\n(?s:.*)standby, at the LSN +Lisbon\n")
                .contains("This was the tour.")
                .doesNotContain("Exception");
        if (RECORDING != null) {
            Files.writeString(Path.of(RECORDING), TerminalSvg.of(colored));
        }
    }

    // SIGTERM has the same effect as SIGINT, which background jobs of a shell without job control ignore.
    @Test
    void aSignalStopsAllProcesses() throws Exception {
        start();
        Awaitility.await().atMost(TIMEOUT).until(() -> output().contains("ectowatch.customers.inserted"));
        List<ProcessHandle> children = quickstart.descendants().toList();
        assertThat(children).isNotEmpty();

        new ProcessBuilder("kill", "-TERM", Long.toString(quickstart.pid()))
                .start()
                .waitFor();

        assertThat(quickstart.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(output()).contains("Stopped all servers.").doesNotContain("Exception");
        Awaitility.await().until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        assertThatThrownBy(() -> new Socket("127.0.0.1", postgresPort()).close())
                .isInstanceOf(IOException.class);
    }

    @Test
    @ExtendWith(StackExtension.class)
    void missingChangesAreReported(Stack stack) throws Exception {
        ShopDatabase shop = new ShopDatabase(stack.postgres());
        shop.create();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Screen screen = new Screen(new PrintStream(out, true, StandardCharsets.UTF_8), false);
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), "empty");
                SampleChanges sampleChanges = new SampleChanges(shop.connect())) {
            boolean complete = new Demonstration(screen, sampleChanges, reader, Duration.ofMillis(10)).run(2);

            assertThat(complete).isFalse();
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("0 of 2 changes arrived", "[1, 2]");
    }

    private void start(String... options) throws IOException {
        quickstart = new ProcessBuilder(command(options))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
    }

    private static List<String> command(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of(
                "-Dstack.directory=" + System.getProperty("stack.directory"),
                "-Dstack.jvm.options=" + System.getProperty("stack.jvm.options", "-XX:+UseSerialGC"),
                "-Dquickstart.config=../../config-examples/quickstart.json",
                "-cp",
                System.getProperty("java.class.path"),
                Quickstart.class.getName()));
        return command;
    }

    private String output() throws IOException {
        return Files.readString(directory.resolve("output"));
    }

    private int postgresPort() throws IOException {
        Matcher address =
                Pattern.compile("PostgreSQL \\S+ +127\\.0\\.0\\.1:(\\d+)").matcher(output());
        assertThat(address.find()).isTrue();
        return Integer.parseInt(address.group(1));
    }
}
