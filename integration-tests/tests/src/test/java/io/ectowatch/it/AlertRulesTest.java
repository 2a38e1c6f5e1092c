package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of {@code docker/monitoring} that Prometheus reads. Skipped where it is not installed. */
class AlertRulesTest {

    private static final Path FILES = Path.of("../../docker/monitoring");
    private static final Path UNIT_TESTS = Path.of("src/test/resources/monitoring/alerts-test.yml");

    @Test
    void theConfigurationAndTheAlertsAreValid() throws Exception {
        assertSucceeds(Prometheus.promtool("check", "rules", file("alerts.yml")));
        assertSucceeds(Prometheus.promtool("check", "config", file("prometheus.yml")));
    }

    @Test
    void eachAlertFiresWhenItShouldAndOnlyThen() throws Exception {
        assertSucceeds(Prometheus.promtool("test", "rules", UNIT_TESTS.toString()));
    }

    /** Else the test above would show nothing. */
    @Test
    void theUnitTestsFailIfAnAlertNeverFires(@TempDir Path directory) throws Exception {
        String alerts = Files.readString(Path.of(file("alerts.yml")));
        Files.writeString(directory.resolve("alerts.yml"), alerts.replace("_suspended == 1", "_suspended == 2"));
        Path tests = directory.resolve("tests.yml");
        Files.writeString(tests, Files.readString(UNIT_TESTS).replaceFirst("- \\.\\./.*alerts\\.yml", "- alerts.yml"));

        Prometheus.Outcome outcome = Prometheus.promtool("test", "rules", tests.toString());

        assertThat(outcome.status()).as(outcome.output()).isNotZero();
        assertThat(outcome.output()).contains("EctoWatchSuspended");
    }

    private static void assertSucceeds(Prometheus.Outcome outcome) {
        assertThat(outcome.status()).as(outcome.output()).isZero();
    }

    private static String file(String name) {
        return FILES.resolve(name).toString();
    }
}
