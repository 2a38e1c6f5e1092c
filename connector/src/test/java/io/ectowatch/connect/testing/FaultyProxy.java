package io.ectowatch.connect.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A TCP proxy on the loopback interface that can swallow everything, as a network does that drops packets. */
public final class FaultyProxy implements AutoCloseable {

    private static final int CRUMB = 3;
    private static final long BETWEEN_CRUMBS_NS = 20_000;

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile CountDownLatch passing = new CountDownLatch(0);
    private volatile boolean deaf;
    private volatile boolean crumbling;
    private final AtomicLong received = new AtomicLong();

    public FaultyProxy(String host, int port) throws IOException {
        target = new InetSocketAddress(host, port);
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        thread(this::accept, "proxy-accept");
    }

    public int port() {
        return server.getLocalPort();
    }

    /** How many bytes the target has sent so far. */
    public long received() {
        return received.get();
    }

    /** From now on nothing passes: neither data nor the end of a connection. */
    public void swallowEverything() {
        passing = new CountDownLatch(1);
    }

    /**
     * From now on LISTEN is accepted and does nothing, as behind a pooler that gives each transaction another session: what
     * arrives at the server is another command of the same length.
     */
    public void deafen() {
        deaf = true;
    }

    /** From now on everything arrives in pieces of a few bytes, each some time after the one before. */
    public void crumble() {
        crumbling = true;
    }

    /** Connections made from now on work. Those that were swallowed are as dead as they would be in a real network. */
    public void heal() {
        CountDownLatch swallowed = passing;
        passing = new CountDownLatch(0);
        sockets.forEach(FaultyProxy::close);
        sockets.clear();
        swallowed.countDown();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                sockets.add(client);
                if (passing.getCount() > 0) {
                    continue; // accepted by the kernel, and then silence
                }
                client.setTcpNoDelay(true);
                Socket upstream = new Socket();
                upstream.setTcpNoDelay(true);
                upstream.connect(target);
                sockets.add(upstream);
                thread(() -> pump(client, upstream, new AtomicLong()), "proxy-up");
                thread(() -> pump(upstream, client, received), "proxy-down");
            } catch (IOException e) {
                // The proxy or the target is closed: the loop's condition, or the next client, decides.
            }
        }
    }

    private void pump(Socket from, Socket to, AtomicLong bytes) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] buffer = new byte[8192];
            int count = in.read(buffer);
            while (count >= 0) {
                bytes.addAndGet(count);
                passing.await();
                byte[] data = deaf ? deafened(buffer, count) : Arrays.copyOf(buffer, count);
                int piece = crumbling ? CRUMB : data.length;
                for (int at = 0; at < data.length; at += piece) {
                    out.write(data, at, Math.min(piece, data.length - at));
                    if (crumbling) {
                        LockSupport.parkNanos(BETWEEN_CRUMBS_NS);
                    }
                }
                count = in.read(buffer);
            }
            passing.await();
        } catch (IOException e) {
            // One side is gone; closing both tells the other.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] deafened(byte[] buffer, int count) {
        return new String(buffer, 0, count, ISO_8859_1)
                .replace("LISTEN \"", "NOTIFY \"")
                .getBytes(ISO_8859_1);
    }

    private static void thread(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed, then.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        heal();
    }
}
