package io.ectowatch.testkit.choice;

import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.StackUnavailableException;
import io.ectowatch.testkit.StartupProgress;
import io.ectowatch.testkit.compose.ComposeStack;
import io.ectowatch.testkit.embedded.EmbeddedStack;
import io.ectowatch.testkit.testcontainers.TestcontainersStack;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The ways to run a {@link Stack}: {@code -Dstack=} selects one of embedded, testcontainers and compose. */
public final class Stacks {

    private static final Map<String, Function<StartupProgress, Stack>> KNOWN = new TreeMap<>(Map.of(
            "embedded",
            EmbeddedStack::start,
            // No method reference, which would load the class: the quickstart has no Testcontainers on its class path.
            "testcontainers",
            listener -> TestcontainersStack.start(listener),
            "compose",
            listener -> ComposeStack.start(listener)));

    private Stacks() {}

    /** Starts the selected stack and waits until all its parts answer. */
    public static Stack start() {
        return start((part, address, took) -> {});
    }

    /**
     * Like {@link #start()}. Reports each part as soon as it answers.
     *
     * @throws IllegalArgumentException if {@code -Dstack=} names an unknown stack
     * @throws StackUnavailableException if this machine lacks what the selected stack needs
     * @throws IllegalStateException if a part does not start; the message ends with the last lines of its log
     */
    public static Stack start(StartupProgress progress) {
        String choice = System.getProperty(Stack.CHOICE, "embedded");
        Function<StartupProgress, Stack> start = KNOWN.get(choice);
        if (start == null) {
            throw new IllegalArgumentException("-D%s=%s is not a stack. Choose one of: %s"
                    .formatted(Stack.CHOICE, choice, String.join(", ", KNOWN.keySet())));
        }
        return start.apply(progress);
    }
}
