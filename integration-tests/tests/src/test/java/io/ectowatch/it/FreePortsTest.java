package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.testkit.FreePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreePortsTest {

    /** So many blocks that two JVMs that do not know of each other would almost certainly have one in common. */
    private static final int PORTS = 3_000;

    /** The JVMs of this test reserve their ports in a directory of their own. */
    @Test
    void noTwoPortsAreTheSameInOneJvmNorInTwo(@TempDir Path directory) throws IOException {
        List<Process> running = new ArrayList<>();
        try {
            Set<Integer> ports = new HashSet<>();
            for (int jvm = 0; jvm < 2; jvm++) {
                Process process = launch(directory);
                running.add(process);
                BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
                for (int i = 0; i < PORTS; i++) {
                    int port = Integer.parseInt(output.readLine());
                    assertThat(port).isBetween(20_000, 31_999);
                    assertThat(ports.add(port)).as("port %d is new", port).isTrue();
                }
            }
        } finally {
            running.forEach(Process::destroyForcibly);
        }
    }

    private static Process launch(Path directory) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + directory,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Launched.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Prints its ports and keeps them until it is killed. */
    static final class Launched {

        private Launched() {}

        public static void main(String... args) throws InterruptedException {
            for (int i = 0; i < PORTS; i++) {
                System.out.println(FreePorts.next());
            }
            Thread.sleep(Long.MAX_VALUE);
        }
    }
}
