package io.ectowatch.connect.postgres;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A socket that makes the driver's wait for notifications prompt and bounded. Three properties of PGJDBC 42.7 ({@code
 * QueryExecutorImpl.processNotifies}, {@code PGStream.hasMessagePending}) make it necessary:
 *
 * <ul>
 *   <li>After each notification the driver waits a millisecond for another one, and returns only when none came. So
 *       it does not return at all while they arrive faster than that. This socket answers that probe at once.
 *   <li>Once a notification has begun, the driver waits for the rest of it without a time limit. This socket limits
 *       each wait.
 *   <li>The driver keeps everything it has read until it returns. This socket lets it read {@value #BURST_BYTES}
 *       bytes in a row. Beyond that it closes the connection, and a gap is announced, to protect the worker's memory.
 * </ul>
 */
final class NotificationSocket extends Socket {

    static final int BURST_BYTES = 64 * 1024 * 1024;

    /** The longest wait for the rest of a message that has begun. */
    private static final int REST_OF_MESSAGE_MS = 10_000;

    /** The timeout that the driver sets for its probe only. */
    private static final int PROBE_MS = 1;

    private volatile boolean probing;
    private @Nullable InputStream input;

    @Override
    public synchronized void setSoTimeout(int milliseconds) throws SocketException {
        probing = milliseconds == PROBE_MS;
        super.setSoTimeout(milliseconds == 0 ? REST_OF_MESSAGE_MS : milliseconds);
    }

    @Override
    public synchronized InputStream getInputStream() throws IOException {
        if (input == null) {
            input = new Prompt(super.getInputStream());
        }
        return input;
    }

    private final class Prompt extends FilterInputStream {

        private int burst;

        private Prompt(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (in.available() == 0) {
                burst = 0;
                if (probing) {
                    throw new SocketTimeoutException("no data available");
                }
            }
            int count = in.read(bytes, offset, length);
            burst += Math.max(count, 0);
            if (burst > BURST_BYTES) {
                throw new IOException("received more than " + BURST_BYTES + " bytes of notifications without a pause");
            }
            return count;
        }
    }

    /** The driver creates it by its class name; see {@code socketFactory} in PGJDBC's properties. */
    public static final class Factory extends SocketFactory {

        @Override
        public Socket createSocket() {
            return new NotificationSocket();
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException("the driver connects by itself");
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException("the driver connects by itself");
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException("the driver connects by itself");
        }

        @Override
        public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
            throw new UnsupportedOperationException("the driver connects by itself");
        }
    }
}
