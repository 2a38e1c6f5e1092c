package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The model of the doorbell's protocol, where Spin is there to check it: see {@code src/model}. */
class DoorbellModelTest {

    @Test
    void theProtocolHoldsAndNoRuleOfItCanBeLeftOut() throws Exception {
        assumeTrue(
                run("sh", "-c", "command -v spin && command -v \"${CC:-cc}\"").status() == 0,
                "the model is not checked: it needs spin and a C compiler (Debian: apt-get install spin gcc)");

        Outcome outcome = run("src/model/check.sh", "--short");

        assertThat(outcome.status()).as(outcome.text()).isZero();
        assertThat(outcome.text().lines()).hasSize(27).allMatch(line -> line.startsWith("as expected: "));
    }

    private record Outcome(int status, String text) {}

    private static Outcome run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), text);
    }
}
