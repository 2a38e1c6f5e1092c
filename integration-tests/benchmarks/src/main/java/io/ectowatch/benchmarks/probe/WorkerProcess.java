package io.ectowatch.benchmarks.probe;

import com.sun.tools.attach.VirtualMachine;
import com.sun.tools.attach.VirtualMachineDescriptor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** The operating system's process of the Connect worker, found among the child processes of this JVM. */
public final class WorkerProcess {

    private static final String MAIN_CLASS = "org.apache.kafka.connect.cli.";

    private final VirtualMachineDescriptor machine;

    private WorkerProcess(VirtualMachineDescriptor machine) {
        this.machine = machine;
    }

    public static WorkerProcess find() {
        Set<String> children = ProcessHandle.current()
                .descendants()
                .map(child -> Long.toString(child.pid()))
                .collect(Collectors.toSet());
        return VirtualMachine.list().stream()
                .filter(machine ->
                        children.contains(machine.id()) && machine.displayName().startsWith(MAIN_CLASS))
                .findFirst()
                .map(WorkerProcess::new)
                .orElseThrow(() -> new IllegalStateException("this JVM has no child process that is a Connect worker"));
    }

    /** The CPU time since the start of the process. */
    public Duration processorTime() {
        return ProcessHandle.of(Long.parseLong(machine.id()))
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow(() -> new IllegalStateException("the Connect worker has ended"));
    }

    /** Asks it to end (SIGTERM) and waits until it has. */
    public void stop() {
        ProcessHandle.of(Long.parseLong(machine.id())).ifPresent(process -> {
            process.destroy();
            process.onExit().join();
        });
    }

    /** The number of its live threads. */
    public int threads() throws Exception {
        try (JMXConnector connector = connect()) {
            return ManagementFactory.getPlatformMXBean(connector.getMBeanServerConnection(), ThreadMXBean.class)
                    .getThreadCount();
        }
    }

    /**
     * The use of its heap after a garbage collection, in bytes. Collectors that run beside the program leave some
     * garbage, the serial one leaves none.
     */
    public long liveHeap() throws Exception {
        try (JMXConnector connector = connect()) {
            MemoryMXBean memory =
                    ManagementFactory.getPlatformMXBean(connector.getMBeanServerConnection(), MemoryMXBean.class);
            memory.gc();
            return memory.getHeapMemoryUsage().getUsed();
        }
    }

    /** Sends a diagnostic command by {@code jcmd}. */
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

    /** Starts to monitor its heap. The caller closes the monitor. */
    public HeapMonitor watchHeap() throws Exception {
        return HeapMonitor.over(connect());
    }

    private JMXConnector connect() throws Exception {
        VirtualMachine attached = VirtualMachine.attach(machine);
        try {
            return JMXConnectorFactory.connect(new JMXServiceURL(attached.startLocalManagementAgent()));
        } finally {
            attached.detach();
        }
    }
}
