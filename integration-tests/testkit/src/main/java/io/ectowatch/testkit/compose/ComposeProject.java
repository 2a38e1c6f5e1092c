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
 * The services of docker/compose.yaml as they run on this machine, whichever Compose has started them: {@code
 * -Dcompose.project} names the project. With {@code -Dcompose.inside=true} this JVM runs in a container of it, and finds the
 * services by their names; else by the ports that are published.
 */
final class ComposeProject {

    private static final boolean INSIDE = Boolean.getBoolean("compose.inside");

    private final DockerClient docker;
    private final String name = System.getProperty("compose.project", "ectowatch");
    private final Path script = new BuildDirectory().repository().resolve("docker/compose.sh");

    ComposeProject(DockerClient docker) {
        this.docker = docker;
    }

    /** Where one of a service's ports is found from here. */
    record Address(String host, int port) {

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** Whether a container of the service runs. */
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
     * Starts all services and returns when the connector has been created.
     *
     * @throws StackUnavailableException when something on this machine stands in the way
     */
    void up() {
        compose("up", "-d", "--build");
    }

    /** Ends all services and removes their data. */
    void down() {
        compose("down", "-v");
    }

    Container container(String service) {
        return new Container(docker, inspect(service).getId(), "The service " + service);
    }

    /** Where the service's port of that number is found, which is another one outside. */
    Address address(String service, int port, int portInside) {
        if (INSIDE) {
            return new Address(service, portInside);
        }
        Binding[] bindings =
                inspect(service).getNetworkSettings().getPorts().getBindings().get(ExposedPort.tcp(port));
        if (bindings == null || bindings.length == 0) {
            throw new IllegalStateException("the service %s publishes no port for %d".formatted(service, port));
        }
        return new Address("127.0.0.1", Integer.parseInt(bindings[0].getHostPortSpec()));
    }

    /** This container as the others find it; empty when this JVM runs outside. */
    Optional<String> hostOfThisContainer() {
        return INSIDE ? Optional.of(System.getenv("HOSTNAME")) : Optional.empty();
    }

    /** A variable of the service's environment. */
    String variable(String service, String variable) {
        for (String entry : inspect(service).getConfig().getEnv()) {
            if (entry.startsWith(variable + "=")) {
                return entry.substring(variable.length() + 1);
            }
        }
        throw new IllegalStateException("the service %s has no %s".formatted(service, variable));
    }

    private InspectContainerResponse inspect(String service) {
        return docker.listContainersCmd().withShowAll(true).withLabelFilter(labels(service)).exec().stream()
                .findFirst()
                .map(container -> docker.inspectContainerCmd(container.getId()).exec())
                .orElseThrow(() -> new IllegalStateException(
                        "the Compose project %s has no container of the service %s".formatted(name, service)));
    }

    // Both Compose v2 and docker-compose 1.29 set these.
    private Map<String, String> labels(String service) {
        return Map.of("com.docker.compose.project", name, "com.docker.compose.service", service);
    }

    private void compose(String... arguments) {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("COMPOSE_PROJECT_NAME", name);
        // What Maven has packaged for the other stacks, too.
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
