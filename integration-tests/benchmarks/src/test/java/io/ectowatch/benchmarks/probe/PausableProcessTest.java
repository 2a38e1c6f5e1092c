package io.ectowatch.benchmarks.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.benchmarks.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class PausableProcessTest {

    @TempDir
    private Path directory;

    private PausableProcess started(String command) throws IOException {
        return PausableProcess.start(new ProcessBuilder("sh", "-c", command), directory.resolve("script"));
    }

    /** The letter of the process's state: {@code T} if it is stopped by a signal. */
    private static void awaitState(PausableProcess process, String letter) {
        Path stat = Path.of("/proc", Long.toString(process.pid()), "stat");
        Environment.await(
                "state " + letter, () -> Files.readString(stat).split("\\) ")[1].startsWith(letter));
    }

    @Test
    void aProcessIsPausedAndGoesOn() throws Exception {
        try (PausableProcess process = started("exec sleep 100")) {
            process.pause();
            awaitState(process, "T");
            process.resume();
            awaitState(process, "S");
        }
    }

    @Test
    void aPausedProcessIsKilled() throws Exception {
        long pid;
        try (PausableProcess process = started("exec sleep 100")) {
            pid = process.pid();
            process.pause();
            awaitState(process, "T");
        }
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void theFileIsDeletedWithTheProcess() throws Exception {
        Path script = Files.writeString(directory.resolve("script"), "SELECT 1;");
        started("exec sleep 100").close();
        assertThat(script).doesNotExist();
    }

    @Test
    void aProcessThatHasEndedFailsWithItsOutput() throws Exception {
        try (PausableProcess process = started("echo too many clients")) {
            Environment.await("the end", () -> ProcessHandle.of(process.pid()).isEmpty());
            assertThatThrownBy(process::resume)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("the process has ended: too many clients");
        }
    }
}
