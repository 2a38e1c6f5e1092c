package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docker/compose.sh with a docker command that is replaced by a script. */
class ComposeScriptTest {

    private static final Path ROOT = Path.of("../..");
    private static final Path DOCKER = ROOT.resolve("docker");

    @TempDir
    private Path commands;

    @BeforeEach
    void findNoProblem() throws IOException {
        replaceDocker("*' up -d') echo composed: \"$@\" ;; *) ;;");
    }

    private record Outcome(int status, List<String> lines) {}

    @Test
    void composeRunsIfNoProblemIsFound() throws Exception {
        assertThat(up().lines()).containsExactly("composed: compose -f compose.yaml up -d");
    }

    @Test
    void aMissingEngineIsReportedInOneLine() throws Exception {
        replaceDocker("version*) echo Cannot connect to the daemon. >&2; exit 1 ;;");

        assertThat(up())
                .isEqualTo(refused(
                        "no Docker engine answers (Cannot connect to the daemon.): start it, or set DOCKER_HOST"));
    }

    @Test
    void anImageThatCannotBePulledIsReportedInOneLine() throws Exception {
        replaceDocker("'image inspect postgres:18') exit 1 ;; pull*) echo no such host >&2; exit 1 ;;");

        assertThat(up())
                .isEqualTo(refused("the image postgres:18 is not on this machine and cannot be pulled (no such host):"
                        + " connect to its registry, or `docker load` it"));
    }

    @Test
    void theImagesAndPortsOfTheMonitoringCountOnlyWithTheirProfile() throws Exception {
        replaceDocker("'image inspect grafana/'*) exit 1 ;; pull*) echo no such host >&2; exit 1 ;;");
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String inUse = "ECTOWATCH_PROMETHEUS_PORT=" + other.getLocalPort();
            assertThat(up(inUse)).isEqualTo(new Outcome(0, List.of()));

            Outcome withProfile = up(inUse, "COMPOSE_PROFILES=monitoring");
            assertThat(withProfile.lines()).singleElement().asString().contains("the image grafana/grafana:");
            replaceDocker("-) ;;");
            assertThat(up(inUse, "COMPOSE_PROFILES=monitoring").lines())
                    .singleElement()
                    .asString()
                    .contains("port " + other.getLocalPort() + " of 127.0.0.1 is in use");
        }
    }

    @Test
    @DisplayName("A port in use is reported in one line with the variable that selects another port")
    void aPortInUseIsReportedWithItsVariable() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(up("ECTOWATCH_KAFKA_PORT=" + other.getLocalPort()))
                    .isEqualTo(refused("port " + other.getLocalPort() + " of 127.0.0.1 is in use: stop the process that"
                            + " listens there, or set ECTOWATCH_KAFKA_PORT=<port>"));
        }
    }

    @Test
    void aPortOfTheRunningServicesIsNoProblem() throws Exception {
        try (ServerSocket published = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            replaceDocker("ps*) echo '9092/tcp, 127.0.0.1:" + published.getLocalPort() + "->19092/tcp' ;;");

            assertThat(up("ECTOWATCH_KAFKA_PORT=" + published.getLocalPort()).status())
                    .isZero();
        }
    }

    @Test
    void theImagesHaveTheKafkaVersionOfTheBuild() throws IOException {
        String version = Files.readString(ROOT.resolve("pom.xml")).replaceFirst("(?s).*<kafka.version>(.*?)<.*", "$1");

        List<String> images;
        try (Stream<String> lines =
                Stream.concat(Files.lines(DOCKER.resolve("compose.yaml")), Files.lines(DOCKER.resolve("Dockerfile")))) {
            images = lines.filter(line -> line.contains("apache/kafka:"))
                    .map(line -> line.replaceFirst(".*apache/kafka:", ""))
                    .collect(Collectors.toList());
        }
        assertThat(images).isNotEmpty().containsOnly(version);
    }

    private static Outcome refused(String reason) {
        return new Outcome(1, List.of("docker/compose.sh: " + reason));
    }

    /** @param cases for a shell's {@code case} over the arguments of docker; any other call succeeds without output */
    private void replaceDocker(String cases) throws IOException {
        Path docker = commands.resolve("docker");
        Files.writeString(docker, "#!/bin/sh\ncase \"$*\" in " + cases + " esac\n");
        assertThat(docker.toFile().setExecutable(true)).isTrue();
    }

    private Outcome up(String... variables) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(DOCKER.resolve("compose.sh").toString(), "up", "-d");
        builder.redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("ECTOWATCH_") || name.startsWith("COMPOSE_"));
        builder.environment().merge("PATH", commands + ":", (path, first) -> first + path);
        // A port that is not in use, so that the result does not depend on other processes of this machine.
        for (String service : List.of("POSTGRES", "KAFKA", "CONNECT_1", "CONNECT_2", "PROMETHEUS", "GRAFANA")) {
            builder.environment().put("ECTOWATCH_" + service + "_PORT", "1");
        }
        for (String variable : variables) {
            String[] parts = variable.split("=");
            builder.environment().put(parts[0], parts[1]);
        }
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output.lines().toList());
    }
}
