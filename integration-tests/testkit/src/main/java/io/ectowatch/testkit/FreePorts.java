package io.ectowatch.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * Ports for servers that are stopped and started again. They are below the range of ephemeral ports (from 32768 on
 * Linux, from 49152 on macOS), so that no outgoing connection takes one while the server is stopped.
 */
public final class FreePorts {

    private static final int FIRST = 20_000;
    private static final int COUNT = 12_000;

    private static final Set<Integer> taken = new HashSet<>();
    private static final Random random = new Random();

    private FreePorts() {}

    /** A port of 127.0.0.1 that is not in use and that this method has not returned before in this JVM. */
    public static synchronized int next() {
        for (int attempt = 0; attempt < COUNT; attempt++) {
            int port = FIRST + random.nextInt(COUNT);
            if (!taken.contains(port) && isFree(port)) {
                taken.add(port);
                return port;
            }
        }
        throw new IllegalStateException("all ports between %d and %d are in use".formatted(FIRST, FIRST + COUNT));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
