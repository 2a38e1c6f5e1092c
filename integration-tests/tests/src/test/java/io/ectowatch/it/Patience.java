package io.ectowatch.it;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How long tests wait for a condition: long enough for a machine that is ten times slower than usual. JUnit finds this
 * class by itself, so it holds for each {@code await()} that names no other time.
 */
public final class Patience implements BeforeAllCallback {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(LIMIT);
    }
}
