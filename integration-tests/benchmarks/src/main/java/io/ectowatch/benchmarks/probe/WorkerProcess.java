package io.ectowatch.benchmarks.probe;

import com.sun.tools.attach.VirtualMachine;
import com.sun.tools.attach.VirtualMachineDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** The Connect worker as the machine sees it: the one among our own child processes. */
public final class WorkerProcess {

    private static final String MAIN_CLASS = "org.apache.kafka.connect.cli.";

    private final VirtualMachineDescriptor machine;

    private WorkerProcess(VirtualMachineDescriptor machine) {
        this.machine = machine;
    }

    public static WorkerProcess find() {
        Set<String> ours = ProcessHandle.current()
                .descendants()
                .map(child -> Long.toString(child.pid()))
                .collect(Collectors.toSet());
        return VirtualMachine.list().stream()
                .filter(machine ->
                        ours.contains(machine.id()) && machine.displayName().startsWith(MAIN_CLASS))
                .findFirst()
                .map(WorkerProcess::new)
                .orElseThrow(() -> new IllegalStateException("there is no Connect worker among our processes"));
    }

    /** The processor time that it has taken since its start. */
    public Duration processorTime() {
        return ProcessHandle.of(Long.parseLong(machine.id()))
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow(() -> new IllegalStateException("the Connect worker has ended"));
    }

    /** Sends it a diagnostic command, as {@code jcmd} does. */
    public void command(String... words) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), machine.id()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.onExit().join().exitValue() != 0) {
            throw new IllegalStateException(String.join(" ", command) + " failed: " + output);
        }
    }

    /** Begins to watch its heap; the caller closes it. */
    public HeapWatch watchHeap() throws Exception {
        VirtualMachine attached = VirtualMachine.attach(machine);
        try {
            JMXConnector connector =
                    JMXConnectorFactory.connect(new JMXServiceURL(attached.startLocalManagementAgent()));
            return HeapWatch.over(connector);
        } finally {
            attached.detach();
        }
    }
}
