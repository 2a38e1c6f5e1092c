package io.ectowatch.it.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A TCP proxy on the loopback interface whose network can drop everything, break all connections, or be slow. */
final class NetworkProxy implements AutoCloseable {

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile CountDownLatch passing = new CountDownLatch(0);
    private volatile CountDownLatch answering = new CountDownLatch(0);
    private volatile long delayMs;
    private volatile int piece = Integer.MAX_VALUE;

    NetworkProxy(String host, int port) throws IOException {
        target = new InetSocketAddress(host, port);
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        thread(this::accept, "proxy-accept");
    }

    int port() {
        return server.getLocalPort();
    }

    /** From now on nothing passes: neither data nor the end of a connection. */
    void drop() {
        passing = new CountDownLatch(1);
    }

    /** From now on no data passes from the server to the clients. What clients send passes. */
    void dropAnswers() {
        answering = new CountDownLatch(1);
    }

    /** From now on everything passes again, also what was held up. Connections go on. */
    void pass() {
        CountDownLatch dropped = passing;
        passing = new CountDownLatch(0);
        dropped.countDown();
        answering.countDown();
    }

    /** The number of sockets of clients and of the server that are open, or were not seen to end. */
    int sockets() {
        return sockets.size();
    }

    /** From now on everything arrives late, and in pieces of so many bytes. */
    void slow(long milliseconds, int bytes) {
        delayMs = milliseconds;
        piece = bytes;
    }

    /** From now on the network is fast again. Connections go on. */
    void fast() {
        slow(0, Integer.MAX_VALUE);
    }

    /** Breaks all connections. Those that are made from now on work. */
    void reset() {
        CountDownLatch dropped = passing;
        passing = new CountDownLatch(0);
        sockets.forEach(NetworkProxy::close);
        sockets.clear();
        dropped.countDown();
        answering.countDown();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                sockets.add(client);
                thread(() -> connect(client), "proxy-up");
            } catch (IOException e) {
                // The proxy is closed, or this client has gone: the loop's condition or the next client decides.
            }
        }
    }

    /** The kernel has accepted the client. While everything is dropped, no answer follows. */
    private void connect(Socket client) {
        Socket upstream = new Socket();
        try {
            passing.await();
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            sockets.add(upstream);
            upstream.connect(target);
        } catch (IOException e) {
            close(client); // The server is down, or the client has gone.
            close(upstream);
            sockets.removeAll(List.of(client, upstream));
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        thread(() -> pump(upstream, client, true), "proxy-down");
        pump(client, upstream, false);
    }

    private void pump(Socket from, Socket to, boolean answers) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            int count = in.read(buffer);
            while (count >= 0) {
                for (int at = 0; at < count; ) {
                    passing.await();
                    if (answers) {
                        answering.await();
                    }
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delayMs));
                    int length = Math.min(piece, count - at);
                    out.write(buffer, at, length);
                    at += length;
                }
                count = in.read(buffer);
            }
            passing.await();
        } catch (IOException e) {
            // One side has gone. Closing both tells the other one.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
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
            // It is closed.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        reset();
    }
}
