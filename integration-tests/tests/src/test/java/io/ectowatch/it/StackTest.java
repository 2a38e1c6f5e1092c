package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.StackUnavailableException;
import io.ectowatch.testkit.choice.Stacks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StackTest {

    private String before;

    @BeforeEach
    void remember() {
        before = System.getProperty(Stack.CHOICE);
    }

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty(Stack.CHOICE);
        } else {
            System.setProperty(Stack.CHOICE, before);
        }
    }

    @Test
    void anUnknownStackIsRejectedWithTheKnownNames() {
        System.setProperty(Stack.CHOICE, "cloud");

        assertThatThrownBy(Stacks::start)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("-Dstack=cloud is not a stack. Choose one of: compose, embedded, testcontainers");
    }

    @Test
    @DisplayName("Without a Docker engine, the error is one line with a remedy")
    void aMissingEngineIsReportedInOneLine() {
        assumeFalse(System.getenv().containsKey("DOCKER_HOST"), "this machine may have a Docker engine");
        for (String socket :
                List.of("/var/run/docker.sock", System.getProperty("user.home") + "/.docker/run/docker.sock")) {
            assumeFalse(Files.exists(Path.of(socket)), "this machine may have a Docker engine");
        }
        System.setProperty(Stack.CHOICE, "testcontainers");

        assertThatThrownBy(Stacks::start)
                .isInstanceOf(StackUnavailableException.class)
                .hasMessage("-Dstack=testcontainers needs a Docker engine, and no engine answers: "
                        + "start it, set DOCKER_HOST, or omit -Dstack");
    }
}
