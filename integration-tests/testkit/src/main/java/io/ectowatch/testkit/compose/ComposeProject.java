package io.ectowatch.testkit.compose;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Ports.Binding;
import io.ectowatch.testkit.BuildDirectory;
import io.ectowatch.testkit.StackUnavailableException;
import io.ectowatch.testkit.container.Container;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The services of docker/compose.yaml on this machine, started by Compose v2 or docker-compose 1.29. {@code
 * -Dcompose.project} names the project. With {@code -Dcompose.inside=true} this JVM runs in a container of the project
 * and uses the names of the services. Otherwise it uses the published ports.
 */
final class ComposeProject {

    private static final boolean INSIDE = Boolean.getBoolean("compose.inside");

    private final DockerClient docker;
    private final String name = System.getProperty("compose.project", "ectowatch");
    private final Path script = new BuildDirectory().repository().resolve("docker/compose.sh");

    ComposeProject(DockerClient docker) {
        this.docker = docker;
    }

    /** The address of a service, as seen by this JVM. */
    record Address(String host, int port) {

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** Whether a container of the service is running. */
    boolean runs(String service) {
        return docker
                .listContainersCmd()
                .withLabelFilter(labels(service))
                .withStatusFilter(List.of("running"))
                .exec()
                .stream()
                .anyMatch(any -> true);
    }

    /**
     * Starts all services and waits until the connector has been created.
     *
     * @throws StackUnavailableException if the services cannot start on this machine
     */
    void up() {
        compose("up", "-d", "--build");
    }

    /** Stops all services and removes their data. */
    void down() {
        compose("down", "-v");
    }

    Container container(String service) {
        return new Container(docker, inspect(service).getId(), "The service " + service);
    }

    /**
     * The address of a service's port.
     *
     * @param port the container port that is published, for a JVM outside the project
     * @param portInside the container port for a JVM inside the project
     */
    Address address(String service, int port, int portInside) {
        if (INSIDE) {
            return new Address(service, portInside);
        }
        Binding[] bindings =
                inspect(service).getNetworkSettings().getPorts().getBindings().get(ExposedPort.tcp(port));
        if (bindings == null || bindings.length == 0) {
            throw new IllegalStateException("the service %s does not publish port %d".formatted(service, port));
        }
        return new Address("127.0.0.1", Integer.parseInt(bindings[0].getHostPortSpec()));
    }

    /** The host name of this container. Empty if this JVM runs outside the project. */
    Optional<String> hostOfThisContainer() {
        return INSIDE ? Optional.of(System.getenv("HOSTNAME")) : Optional.empty();
    }

    /** The value of an environment variable of the service. */
    String variable(String service, String variable) {
        for (String entry : inspect(service).getConfig().getEnv()) {
            if (entry.startsWith(variable + "=")) {
                return entry.substring(variable.length() + 1);
            }
        }
        throw new IllegalStateException("the service %s has no environment variable %s".formatted(service, variable));
    }

    private InspectContainerResponse inspect(String service) {
        return docker.listContainersCmd().withShowAll(true).withLabelFilter(labels(service)).exec().stream()
                .findFirst()
                .map(container -> docker.inspectContainerCmd(container.getId()).exec())
                .orElseThrow(() -> new IllegalStateException(
                        "the Compose project %s has no container of the service %s".formatted(name, service)));
    }

    // Both Compose v2 and docker-compose 1.29 set these labels.
    private Map<String, String> labels(String service) {
        return Map.of("com.docker.compose.project", name, "com.docker.compose.service", service);
    }

    private void compose(String... arguments) {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("COMPOSE_PROJECT_NAME", name);
        // The jar that Maven has packaged, as in the other stacks.
        builder.environment().put("ECTOWATCH_IMAGE", "packaged");
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw refused(arguments[0], output.strip());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + script, e);
        }
    }

    private static RuntimeException refused(String command, String output) {
        String last = output.substring(output.lastIndexOf('\n') + 1);
        return last.startsWith("docker/compose.sh: ")
                ? new StackUnavailableException(last, null)
                : new IllegalStateException("docker/compose.sh %s failed:%n%s".formatted(command, output));
    }
}
