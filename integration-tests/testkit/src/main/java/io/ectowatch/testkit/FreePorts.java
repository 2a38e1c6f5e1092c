package io.ectowatch.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Ports for servers that are stopped and started again. They are below the range of ephemeral ports (from 32768 on
 * Linux, from 49152 on macOS), so that no outgoing connection takes one while the server is stopped.
 *
 * <p>A JVM takes them in blocks. It holds a lock on a file for each block until it ends, so that no other JVM of the same user
 * returns a port of that block, even while nothing listens there.
 */
public final class FreePorts {

    private static final int FIRST = 20_000;
    private static final int BLOCK = 50;
    private static final int BLOCKS = 240;

    /** They hold the locks: closed, or collected as garbage, they would release them. */
    private static final List<FileChannel> locked = new ArrayList<>();

    /** The next port of the current block, and the end of the block. */
    private static int next;

    private static int end;

    private FreePorts() {}

    /** A port of 127.0.0.1 that is not in use, and that neither this JVM nor another one that is running has returned before. */
    public static synchronized int next() {
        while (true) {
            if (next == end) {
                next = FIRST + lockBlock() * BLOCK;
                end = next + BLOCK;
            }
            int port = next++;
            if (isFree(port)) {
                return port;
            }
        }
    }

    /** Locks a block that no running JVM has, and returns its number. */
    private static int lockBlock() {
        Path directory =
                Path.of(System.getProperty("java.io.tmpdir"), "ectowatch-ports-" + System.getProperty("user.name"));
        // Not always the same ports: a server that a killed JVM has left may still have some.
        int start = new Random().nextInt(BLOCKS);
        for (int i = 0; i < BLOCKS; i++) {
            int block = (start + i) % BLOCKS;
            if (lock(directory, block)) {
                return block;
            }
        }
        throw new IllegalStateException("all ports from %d to %d are reserved by files in %s, or in use"
                .formatted(FIRST, FIRST + BLOCKS * BLOCK - 1, directory));
    }

    private static boolean lock(Path directory, int block) {
        FileChannel channel = null;
        try {
            Files.createDirectories(directory);
            channel = FileChannel.open(
                    directory.resolve(Integer.toString(FIRST + block * BLOCK)),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            if (channel.tryLock() != null) {
                locked.add(channel);
                return true;
            }
            channel.close();
            return false;
        } catch (OverlappingFileLockException e) {
            // This JVM has it. The channel stays open: closing it would release that lock as well.
            locked.add(channel);
            return false;
        } catch (IOException e) {
            throw new IllegalStateException("cannot reserve ports by files in " + directory, e);
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
