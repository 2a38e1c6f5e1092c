package io.ectowatch.it.faults;

import java.util.ArrayList;
import java.util.List;

/** Fills the heap of the JVM into which it is loaded. */
public final class BallastAgent {

    private static final int BLOCK = 1 << 16;

    private BallastAgent() {}

    /** Called by the JVM. Returns after the first OutOfMemoryError, if the JVM has not exited. */
    public static void agentmain(String options) {
        List<byte[]> ballast = new ArrayList<>();
        while (true) {
            ballast.add(new byte[BLOCK]);
        }
    }
}
