package io.ectowatch.benchmarks.probe;

import java.nio.file.Path;
import java.time.Duration;

/** The processes of the PostgreSQL server: those that run the binary below the stack's directory. */
public final class ServerProcesses {

    private final String binaries = Path.of(System.getProperty("stack.directory", "target"))
            .toAbsolutePath()
            .toString();

    /** The CPU time of the processes that are running now. */
    public Duration processorTime() {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::info)
                .filter(info -> info.command()
                        .filter(command -> command.startsWith(binaries) && command.endsWith("/postgres"))
                        .isPresent())
                .flatMap(info -> info.totalCpuDuration().stream())
                .reduce(Duration.ZERO, Duration::plus);
    }
}
